/** Why a file of an archive is not used, or not as it is. */
export type ArchiveProblemKind =
  /** It has no checksum file; it is used, because the checksum inside of the zip is right. */
  | 'no_checksum'
  /** It is not what its checksum file says. */
  | 'checksum'
  /** The zip is cut short or changed. */
  | 'damaged'
  /** The zip holds something else. */
  | 'misnamed'
  /** Rows break a rule of candles; the others are used. */
  | 'rows'
  /** It lacks candles of its time; the others are used. */
  | 'short'
  /** It is there and cannot be read. */
  | 'unreadable'
  /** The server of the archive does not answer: nothing more is asked of it. */
  | 'unreachable'

/** A file of an archive cannot be used. The message ends a sentence that begins with the file's name. */
export class ArchiveProblem extends Error {
  readonly kind: ArchiveProblemKind

  constructor(kind: ArchiveProblemKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
