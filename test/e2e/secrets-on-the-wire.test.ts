import { connect, type Socket } from 'node:net';
import { afterAll, expect, test, vi } from 'vitest';
import { startFront, type Front } from '../integration/doctor/tls-front.js';
import { GuardedServers } from './guarded-servers.js';
import { emptyPlace, hunted } from './password-hunt.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const servers = await GuardedServers.start();
afterAll(() => servers.stop());

/** A way to a server that keeps all that is sent to it; whatever it could log is in there. */
async function recorded(port: number, kept: Buffer[]): Promise<Front> {
  return startFront((client: Socket) => {
    const server = connect(port, '127.0.0.1');
    client
      .on('data', (data) => kept.push(data))
      .pipe(server)
      .pipe(client);
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
  });
}

test('no password reaches either server, nor what it shows of its sessions', async () => {
  const place = await emptyPlace();
  const sent = { mongo: [] as Buffer[], postgres: [] as Buffer[] };
  const { mongoPort } = servers;
  const fronts = {
    mongo: await recorded(mongoPort, sent.mongo),
    postgres: await recorded(servers.postgres.port, sent.postgres),
  };
  const env = servers.surroundings('parts');
  env['MONGODB_URI'] = `${env['MONGODB_URI'] ?? ''}&directConnection=true`.replace(
    `:${mongoPort}`,
    `:${fronts.mongo.port}`,
  );
  env['POSTGRES_PORT'] = String(fronts.postgres.port);
  const names = new Set<string>();
  const done = new AbortController();
  const watching = (async () => {
    while (!done.signal.aborted) {
      const { rows } = await servers.admin.query<{ name: string; seen: string }>(
        `SELECT application_name AS name, concat_ws(' ', usename, application_name, query) AS seen
           FROM pg_stat_activity WHERE usename = 'keeper'`,
      );
      for (const { name, seen } of rows) {
        names.add(name.replace(/ \S+@.*/, ''));
        place.hunter.search('pg_stat_activity', seen);
      }
    }
  })();
  try {
    for (const line of [
      'plan -o plan.json',
      'verify plan.json',
      'apply plan.json --yes --max-removals 1000',
      'revert plan.json.receipt.jsonl -o revert.json',
      'apply revert.json --of plan.json.receipt.jsonl --yes --max-removals 1000',
      'doctor',
    ])
      expect((await hunted(line.split(' '), env, place)).code, line).toBe(0);
  } finally {
    done.abort();
    await watching;
    await Promise.all([fronts.mongo.stop(), fronts.postgres.stop()]);
  }
  expect([...names]).toEqual(expect.arrayContaining(['fix-roles plan', 'fix-roles apply']));
  // The password is proved without being sent; everything else is in the clear, and so is what was looked through.
  for (const [store, what] of [
    ['postgres', 'SCRAM-SHA-256'],
    ['postgres', 'INSERT INTO "public"."postgres_user_roles"'],
    ['mongo', 'user_team_details'],
  ] as const) {
    const text = Buffer.concat(sent[store]).toString('latin1');
    expect(text).toContain(what);
    place.hunter.search(`what is sent to ${store}`, text);
  }
  expect(place.hunter.leaks).toEqual([]);
});
