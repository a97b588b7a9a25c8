export { compressionOf } from './compression-of.ts'
export { InvalidLocationError } from './errors.ts'
export type { DaemonLocation, FileLocation, Location, RegistryLocation } from './location.ts'
export { openPlaces } from './open-places.ts'
export { parseLocation, type ParseLocationOptions } from './parse-location.ts'
export type { OpenedSource, OpenedTarget, OpenTargetOptions, Places, PlacesOptions } from './places.ts'
export {
  findManifest,
  type FoundManifest,
  pickImage,
  type PickedImage,
  readImageConfig,
  readManifest,
} from './pick-image.ts'
export { chooseImage, type WantedImage } from './choose-image.ts'
export { copyBetween, type CopyOutcome, type CopyRequest } from './copy-between.ts'
export { platformEntry } from './platform-entry.ts'
export { type GatheredImage, gatherImages, type GatherRequest } from './gather-images.ts'
