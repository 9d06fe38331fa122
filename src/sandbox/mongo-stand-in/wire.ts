import { type Doc, decodeTyped, decodeView, encode, isDoc, MAX_MESSAGE_BYTES } from './documents.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const MORE_TO_COME = 1 << 1;
const EXHAUST_ALLOWED = 1 << 16;

/** Thrown for bytes that are no message: the connection is closed, for nothing after them can be trusted. */
export class MalformedMessageError extends Error {}

interface Sequence {
  readonly field: string;
  readonly documents: Uint8Array[];
}

/** A command as it came over the wire. */
export class Message {
  readonly requestId: number;
  readonly isLegacy: boolean;
  readonly wantsReply: boolean;
  readonly #body: Uint8Array;
  readonly #sequences: readonly Sequence[];

  constructor(
    requestId: number,
    body: Uint8Array,
    options: { sequences?: readonly Sequence[]; legacy?: boolean; wantsReply?: boolean } = {},
  ) {
    this.requestId = requestId;
    this.#body = body;
    this.#sequences = options.sequences ?? [];
    this.isLegacy = options.legacy ?? false;
    this.wantsReply = options.wantsReply ?? true;
  }

  view(): Doc {
    return this.#decode(decodeView);
  }

  typed(): Doc {
    return this.#decode(decodeTyped);
  }

  #decode(decode: (bytes: Uint8Array) => Doc): Doc {
    const sequences = this.#sequences.map(({ field, documents }) => [field, documents.map(decode)] as const);
    return { ...decode(this.#body), ...Object.fromEntries(sequences) };
  }
}

/** Cuts a stream of bytes into messages. */
export class MessageCutter {
  #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === undefined || this.#bytes < length) return messages;
      const joined = this.#join();
      messages.push(joined.subarray(0, length));
      this.#chunks = [joined.subarray(length)];
      this.#bytes -= length;
    }
  }

  #join(): Buffer {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }

  #nextLength(): number | undefined {
    if (this.#bytes < HEADER_BYTES) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [this.#join()];
    const length = this.#chunks[0]?.readInt32LE(0) ?? 0;
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
      throw new MalformedMessageError(`message length ${length}`);
    }
    return length;
  }
}

function documentAt(bytes: Buffer, offset: number, end: number): Uint8Array {
  const length = offset + 4 <= end ? bytes.readInt32LE(offset) : 0;
  if (length < 5 || offset + length > end)
    throw new MalformedMessageError('a document past the end of its message');
  return bytes.subarray(offset, offset + length);
}

function sequenceAt(section: Buffer): Sequence {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new MalformedMessageError('a document sequence without a name');
  const documents: Uint8Array[] = [];
  for (let offset = nameEnd + 1; offset < section.length;) {
    const document = documentAt(section, offset, section.length);
    documents.push(document);
    offset += document.length;
  }
  return { field: section.toString('utf8', 4, nameEnd), documents };
}

function parseOpMsg(requestId: number, bytes: Buffer): Message {
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  // Checksums are optional and no driver sends them; an unknown flag may change what the message means.
  if ((flags & ~(MORE_TO_COME | EXHAUST_ALLOWED)) !== 0) throw new MalformedMessageError(`flags ${flags}`);
  let body: Uint8Array | undefined;
  const sequences: Sequence[] = [];
  for (let offset = HEADER_BYTES + 4; offset < bytes.length;) {
    const kind = bytes[offset];
    const section = documentAt(bytes, offset + 1, bytes.length);
    if (kind === 0 && body === undefined) body = section;
    else if (kind === 1) sequences.push(sequenceAt(bytes.subarray(offset + 1, offset + 1 + section.length)));
    else throw new MalformedMessageError(`section of kind ${kind ?? 'none'}`);
    offset += 1 + section.length;
  }
  if (body === undefined) throw new MalformedMessageError('no body');
  return new Message(requestId, body, { sequences, wantsReply: (flags & MORE_TO_COME) === 0 });
}

/** The legacy handshake; its database is put into the command, where OP_MSG has it. */
function parseOpQuery(requestId: number, bytes: Buffer): Message {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  if (nameEnd < 0) throw new MalformedMessageError('a query without a collection');
  const database = bytes.toString('utf8', HEADER_BYTES + 4, nameEnd).replace(/\.\$cmd$/, '');
  const body = decodeTyped(documentAt(bytes, nameEnd + 9, bytes.length));
  const command = isDoc(body.$query) ? body.$query : body;
  return new Message(requestId, encode({ ...command, $db: database }), { legacy: true });
}

export function parseMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (bytes.length < HEADER_BYTES + 5) throw new MalformedMessageError('too short');
  if (opCode === OP_MSG) return parseOpMsg(requestId, bytes);
  if (opCode === OP_QUERY) return parseOpQuery(requestId, bytes);
  throw new MalformedMessageError(`operation ${opCode}`);
}

let lastReplyId = 0;

export function encodeReply(message: Message, reply: Uint8Array): Buffer {
  // OP_REPLY has flags, cursor, start and count before the document; OP_MSG has flags and the kind of section.
  const prefix = Buffer.alloc(HEADER_BYTES + (message.isLegacy ? 20 : 5));
  lastReplyId = (lastReplyId + 1) & 0x7fffffff;
  prefix.writeInt32LE(prefix.length + reply.length, 0);
  prefix.writeInt32LE(lastReplyId, 4);
  prefix.writeInt32LE(message.requestId, 8);
  prefix.writeInt32LE(message.isLegacy ? OP_REPLY : OP_MSG, 12);
  if (message.isLegacy) prefix.writeInt32LE(1, HEADER_BYTES + 16);
  return Buffer.concat([prefix, reply]);
}
