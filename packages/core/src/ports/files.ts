/** Bytes of a file, by place. Errors of all methods: `storage`, `storage-full`, `closed`. */
export interface OpenFile {
  size(): Promise<number>;
  /** So many bytes from a place on; fewer where the file ends before. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** All of the bytes at a place; a gap before it is filled with zeros. The bytes are the file's until it resolves. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  /** What was written is on disk when it resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file of the user's, for reading alone. */
export interface OutsideFile extends Pick<OpenFile, 'read' | 'close'> {
  /** Its name, without folders. */
  readonly name: string;
  readonly size: number;
  /** Another one when it was changed since. */
  readonly stamp: string;
}

/**
 * Large files of a node, by name (lower-case letters, digits, `.` and `-`): a folder on Node.js, memory in a simulated world. Missing where a
 * platform has nothing of the kind.
 */
export interface Files {
  /** A new, empty file. Errors: `conflict`, `storage`, `storage-full`. */
  create(name: string): Promise<OpenFile>;
  /** Errors: `not-found`, `storage`. */
  open(name: string): Promise<OpenFile>;
  /** Does nothing where there is none. */
  remove(name: string): Promise<void>;
  list(): Promise<{ readonly name: string; readonly size: number }[]>;
  /** Bytes that can still be written. */
  free(): Promise<number>;
  /** Copies that were made of the user's files where a user can name no path, as in a page: `outside` is the name of one. */
  readonly copies?: {
    /** Removes all others. */
    keepOnly(paths: readonly string[]): Promise<void>;
    /** Does nothing where there is none. */
    remove(path: string): Promise<void>;
  };
  /** Opens what its user names. Errors: `not-found`, `bad-argument` for what is no file, `storage`. */
  outside(path: string): Promise<OutsideFile>;
}
