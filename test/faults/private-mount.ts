import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'

/** Whether this process may mount file systems that only its children see. */
export const canMount: boolean =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' }).status === 0

/** For the names of tests that are skipped without it. */
export const becauseOfMounts: string = canMount ? '' : ' (skipped: this user may not mount)'

/** The words before a command that has `folder` on a small disk of its own, which goes with the command. */
export function onSmallDisk(folder: string, mebibytes: number): readonly string[] {
  return mounted(folder, `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0"`)
}

/** The words before a command that can read `folder` and not write there. */
export function onReadOnlyDisk(folder: string): readonly string[] {
  return mounted(folder, 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"')
}

function mounted(folder: string, mount: string): readonly string[] {
  return ['unshare', '-m', 'sh', '-c', `${mount} && exec "$@"`, folder]
}
