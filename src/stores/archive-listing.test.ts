import { describe, expect, test } from 'vitest'
import type { TarEntryType } from '../archive/index.ts'
import { ArchiveListing } from './archive-listing.ts'

function listing(...entries: [path: string, type: TarEntryType, linkPath?: string][]): ArchiveListing {
  const made = new ArchiveListing('demo.tar')
  for (const [place, [path, type, linkPath = '']] of entries.entries()) {
    made.add({ path, type, linkPath, offset: place * 1024, size: 1, sparse: false })
  }
  return made
}

describe('ArchiveListing', () => {
  test('finds files whatever their paths start with', () => {
    const archive = listing(['./a/b', 'file'], ['/c', 'file'])
    expect(archive.find('a/b')).toMatchObject({ offset: 0 })
    expect(archive.find('./c')).toMatchObject({ offset: 1024 })
    expect(archive.find('a')).toBeUndefined()
  })

  test('takes the last of two entries of one path', () => {
    expect(listing(['a', 'file'], ['a', 'file']).find('a')).toMatchObject({ offset: 1024 })
    expect(listing(['a', 'file'], ['a', 'directory']).find('a')).toBeUndefined()
  })

  test('follows symbolic links from their directory and hard links from the root', () => {
    const archive = listing(
      ['x/layer.tar', 'file'],
      ['y/layer.tar', 'symlink', '../x/layer.tar'],
      ['z', 'hardlink', 'y/layer.tar'],
    )
    expect(archive.find('z')).toMatchObject({ offset: 0 })
  })

  test.each(['../a', 'a/../../b', 'out', 'abs'])('refuses %j, which leads out or in a circle', (path) => {
    const archive = listing(['out', 'symlink', '../../etc/passwd'], ['abs', 'symlink', '/abs'])
    expect(() => archive.find(path)).toThrow(/demo\.tar/)
  })

  test('leaves out entries whose own path leads out', () => {
    expect(listing(['../a', 'file']).paths()).toEqual([])
  })
})
