/** A registry that listens. */
export interface RegistryServer extends AsyncDisposable {
  /** How clients on this machine reach it: `http://localhost:5000`. */
  readonly url: string
  /** The same as it stands in references: `localhost:5000`. */
  readonly host: string
  /** Who can connect: this machine alone, or others on its network. */
  readonly reach: 'machine' | 'network'
  /** Whether everybody who can connect may do everything. */
  readonly isOpen: boolean
  /** Requests that are being answered. */
  readonly running: number
  /** Looks at the certificate's files at once. Gives true where a new pair is in use from now on. */
  renewCertificate(): Promise<boolean>
  /**
   * Takes no new connections, lets requests that run finish for so long (default 5 minutes), and closes everything.
   * Gives false when requests had to be cut off; what they had uploaded is kept. A second call waits for the first.
   */
  close(options?: CloseOptions): Promise<boolean>
}

/** Options of {@link RegistryServer.close}. */
export interface CloseOptions {
  /** How long requests that run may take to finish, in milliseconds. Default 5 minutes. */
  readonly withinMs?: number | undefined
}
