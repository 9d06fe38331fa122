import { type ClientSession, MongoClient, ReadConcern, WriteConcern } from 'mongodb';

/** What a test has opened, to be closed after it: the last first. */
export class Opened {
  readonly #closers: (() => Promise<unknown>)[] = [];

  closeWith(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async connect(uri: string, options: object = {}): Promise<MongoClient> {
    const client = await new MongoClient(uri, options).connect();
    this.closeWith(() => client.close());
    return client;
  }

  /** A session with a transaction in it. */
  begin(on: MongoClient): ClientSession {
    const session = on.startSession();
    this.closeWith(() => session.endSession());
    session.startTransaction({
      readConcern: new ReadConcern('snapshot'),
      writeConcern: new WriteConcern('majority'),
    });
    return session;
  }
}
