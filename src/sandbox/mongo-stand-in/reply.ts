import { Long } from 'bson';
import { type Doc, encode } from './documents.js';

const BSON_DOCUMENT = 0x03;
const BSON_ARRAY = 0x04;

/** A reply with a batch of documents, whose bytes are passed on as they are stored. */
export class CursorReply {
  readonly cursorId: number;
  readonly namespace: string;
  readonly batchField: 'firstBatch' | 'nextBatch';
  readonly batch: readonly Uint8Array[];
  readonly extra: Doc;

  constructor(
    cursorId: number,
    namespace: string,
    batchField: 'firstBatch' | 'nextBatch',
    batch: readonly Uint8Array[],
    extra: Doc = {},
  ) {
    this.cursorId = cursorId;
    this.namespace = namespace;
    this.batchField = batchField;
    this.batch = batch;
    this.extra = extra;
  }
}

export type Reply = Doc | CursorReply;

function element(type: number, name: string, value: Uint8Array): Uint8Array[] {
  return [Buffer.from([type]), Buffer.from(`${name}\0`), value];
}

function container(elements: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.alloc(4), ...elements, Buffer.alloc(1)]);
  body.writeInt32LE(body.length, 0);
  return body;
}

function elementsOf(document: Uint8Array): Uint8Array {
  return document.subarray(4, -1);
}

export function encodeReplyDocument(reply: Reply, common: Doc): Uint8Array {
  if (!(reply instanceof CursorReply)) return encode({ ...reply, ...common });
  const items = reply.batch.flatMap((document, index) => element(BSON_DOCUMENT, String(index), document));
  const head = encode({ id: Long.fromNumber(reply.cursorId), ns: reply.namespace, ...reply.extra });
  const cursor = container([elementsOf(head), ...element(BSON_ARRAY, reply.batchField, container(items))]);
  return container([...element(BSON_DOCUMENT, 'cursor', cursor), elementsOf(encode({ ok: 1, ...common }))]);
}
