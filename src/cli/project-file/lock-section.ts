/** `lock:` of `lading.yaml`: what is locked. */
export interface LockSection {
  readonly platforms?: string[] | undefined
  readonly include?: string[] | undefined
  readonly ignore?: IgnoreSection | undefined
  readonly customResources?: CustomResourceSection[] | undefined
  readonly mirror?: string | undefined
  readonly proofs?: 'vendor' | undefined
  readonly keys?: KeySection[] | undefined
}

/** A public key whose signatures are understood. */
export interface KeySection {
  readonly key: string
  readonly insecureIgnoreTlog?: boolean | undefined
}

/** What is left out. */
export interface IgnoreSection {
  readonly images?: string[] | undefined
  readonly files?: string[] | undefined
}

/** A kind of Kubernetes object that is not known by itself. */
export interface CustomResourceSection {
  readonly apiVersion?: string | undefined
  readonly kind: string
  readonly paths: string[]
}
