import type { Stage } from './read-stages.ts'

/** Finds stages by their names, which have no case. Of several with one name the last counts. */
export class StageNames {
  readonly #byName = new Map<string, Stage[]>()
  readonly #stages: readonly Stage[]

  constructor(stages: readonly Stage[]) {
    this.#stages = stages
    for (const stage of stages) {
      const name = stage.clause.name?.text.toLowerCase()
      if (name === undefined) continue
      const namesakes = this.#byName.get(name)
      if (namesakes === undefined) this.#byName.set(name, [stage])
      else namesakes.push(stage)
    }
  }

  /** What `FROM name` means in a stage: one of those above it, so that `FROM alpine AS alpine` names an image. */
  above(name: string, stage: Stage): Stage | undefined {
    return this.#byName.get(name.toLowerCase())?.findLast(({ index }) => index < stage.index)
  }

  /** What `--from=name` means: any stage of the file, as BuildKit reads all of them first. */
  named(name: string): Stage | undefined {
    return this.#byName.get(name.toLowerCase())?.at(-1)
  }

  /** What `--from=0` means. */
  numbered(index: number): Stage | undefined {
    return this.#stages[index]
  }
}
