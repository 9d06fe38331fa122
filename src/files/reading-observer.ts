/** Told how far the reading of a file has come. */
export interface ReadingObserver {
  /** @param size of the file in bytes; null where nobody knows, as of a pipe */
  onBegin(size: number | null): void;
  /** Told of every chunk (hundreds of kilobytes) once it is verified. */
  onRead(bytes: number): void;
  /** Reading is over, however it ended. */
  onEnd(): void;
}
