import { createCipheriv } from 'node:crypto'
import { buildImage, type FixtureImage } from '../test/fixtures/build-image.ts'

/** An image of layers that do not compress, each with one file of the given size in bytes; always the same bytes. */
export function randomImage(sizes: readonly number[], seed = 'lading'): FixtureImage {
  return buildImage({
    layers: sizes.map((size, number) => ({
      files: {
        [`etc/layer-${number}.conf`]: `layer = ${number}\n`,
        [`data/${seed}-${number}.bin`]: randomBytes(size, `${seed}-${number}`),
      },
      compression: 'gzip',
    })),
  })
}

function randomBytes(size: number, seed: string): Uint8Array {
  const key = Buffer.alloc(16, seed)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}
