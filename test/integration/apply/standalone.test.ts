import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../../src/sandbox/embedded-mongo.js';
import { PEOPLE } from './broken-team.js';
import { once } from './later-changes.js';
import { expectNoTrace, endOf, Stage } from './stage.js';

describe('a standalone MongoDB', () => {
  let mongod: EmbeddedMongo;
  let standalone: Stage;
  let path: string;

  beforeAll(async () => {
    mongod = await startEmbeddedMongo({ topology: 'standalone', durability: 'off' });
  });
  afterAll(() => mongod.stop());

  beforeEach(async () => {
    standalone = await Stage.open({ mongoUri: mongod.uri });
    await standalone.breakTeams(1, 2);
    path = await standalone.plan();
    return () => standalone.close();
  });

  test('is refused, and the way out is named', async () => {
    const before = await standalone.contents();
    const failure = await standalone.failure('refused', path);
    expect(failure.text.next).toContain('--allow-no-transactions');
    await expectNoTrace(standalone, before, path);
  });

  test('is written with single conditional writes where that is allowed', async () => {
    const report = await standalone.apply(path, { withoutTransactions: 'allow' });
    expect(endOf(report)).toBe('complete: applied, applied');
    expect((await standalone.summary(await standalone.plan())).teams.changed).toBe(0);
  });

  test('that takes only some of a team leaves it half done, and the next run finishes it', async () => {
    const setRole = (role_name: string) =>
      standalone.later.setDocument(1, PEOPLE.inactiveDocument, { role_name });
    const report = await standalone.apply(path, {
      withoutTransactions: 'allow',
      retryForMs: 0,
      // One of the writes finds another role than was judged.
      onStep: once(1, 'intent-recorded', () => setRole('viewer')),
    });
    expect(endOf(report)).toBe('partly-applied: half-done, applied');
    await setRole('member');
    const next = await standalone.apply(path, { withoutTransactions: 'allow' });
    expect(endOf(next)).toBe('complete: finished, already-done');
  });
});
