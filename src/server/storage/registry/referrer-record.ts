import { type Descriptor, descriptorToJson, parseDescriptor } from '../../../oci/index.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { encodeFields } from './record-fields.ts'

/** The value of `referrers/…`: the descriptor as the referrers API lists it. */
export function encodeReferrer(descriptor: Descriptor): Uint8Array {
  return encodeFields(descriptorToJson(descriptor))
}

/** @throws {DamagedRecordError} */
export function decodeReferrer({ key, value }: StoredRecord): Descriptor {
  try {
    return parseDescriptor(JSON.parse(Buffer.from(value).toString()))
  } catch (error) {
    throw new DamagedRecordError(key, 'it is not a descriptor', { cause: error })
  }
}
