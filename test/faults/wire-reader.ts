/** What a client is about to do, or a server to confirm, as far as it can be told from a message on the wire. */
export type Phase =
  | 'connect'
  | 'connect as worker'
  | 'description'
  | 'lock'
  | 'survey'
  | 'read'
  | 'write'
  | 'commit request'
  | 'commit reply'
  | 'read-back';

/** Understands one connection's traffic: where messages end, and what they are. */
export interface WireReader {
  /** The length of the first message in these bytes; null if more bytes are needed to tell. */
  lengthOf(from: 'client' | 'server', bytes: Buffer): number | null;
  /** What a whole message is; null for everything else. */
  phaseOf(from: 'client' | 'server', message: Buffer): Phase | null;
}
