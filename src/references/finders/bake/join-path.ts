/** The path, from the project's root, of `paths` seen from the folder of `file`; undefined where it leaves the project. */
export function joinPath(file: string, ...paths: readonly string[]): string | undefined {
  const steps: string[] = []
  for (const step of [...file.split('/').slice(0, -1), ...paths.flatMap((path) => path.split('/'))]) {
    if (step === '..' && steps.pop() === undefined) return undefined
    if (step !== '' && step !== '.' && step !== '..') steps.push(step)
  }
  return paths.some((path) => path.startsWith('/')) ? undefined : steps.join('/')
}
