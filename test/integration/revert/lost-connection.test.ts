import { expect, test, vi } from 'vitest';
import { openLiveReader } from '../../../src/stores/live-reader.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { fileDatabases } from '../../servers.js';
import { connectBoth } from '../stores/test-connections.js';

const databases = await fileDatabases();

/** Opens a reader as `revert` does, and takes the connection away just before the nth statement. */
async function openingWithout(nth: number): Promise<{ failure: unknown; asked: number }> {
  const connections = await connectBoth(databases);
  const client = connections.postgres.session;
  const query: (...args: Parameters<typeof client.query>) => unknown = client.query.bind(client);
  let asked = 0;
  vi.spyOn(client, 'query').mockImplementation((...args) => {
    if (asked++ === nth) connections.postgres.discard();
    return query(...args);
  });
  try {
    await openLiveReader(connections, DEFAULT_MAPPING);
    return { failure: undefined, asked };
  } catch (failure) {
    return { failure, asked };
  } finally {
    await connections.close().catch(() => undefined);
  }
}

test('a connection that is lost at any statement is a failure of reading PostgreSQL, never a bug', async () => {
  const { failure, asked } = await openingWithout(Number.POSITIVE_INFINITY);
  expect(failure).toBeUndefined();
  expect(asked).toBeGreaterThan(5);
  for (let nth = 0; nth < asked; nth++) {
    expect(await openingWithout(nth), `statement ${nth}`).toMatchObject({
      failure: {
        kind: 'operational',
        text: { doing: expect.stringMatching(/^reading PostgreSQL at /) as unknown },
      },
    });
  }
});
