/** The target that says whom to believe. */
export const trustedRootTarget = 'trusted_root.json'

/** The target that says by which services to sign. */
export const signingConfigTarget = 'signing_config.v0.2.json'
