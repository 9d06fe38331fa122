import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../../src/sandbox/embedded-mongo.js';
import { linkOf, PEOPLE, teamId } from './broken-team.js';
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
    expect(report.counts).toEqual({ applied: 2 });
    expect(report.result).toBe('complete');
    const next = await standalone.summary(await standalone.plan());
    expect(next.teams.changed).toBe(0);
  });

  test('that takes only some of a team leaves it half done, and the next run finishes it', async () => {
    const roles = standalone.databases.mongo.collection('user_roles');
    const _id = new ObjectId(linkOf(1, PEOPLE.inactiveDocument));
    const report = await standalone.apply(path, {
      withoutTransactions: 'allow',
      retryForMs: 0,
      // One of the writes finds another role than was judged.
      onStep: async (team, step) => {
        if (team === teamId(1) && step === 'intent-recorded')
          await roles.updateOne({ _id }, { $set: { role_name: 'viewer' } });
      },
    });
    expect(endOf(report)).toEqual({ result: 'partly-applied', 1: 'half-done', 2: 'applied' });
    await roles.updateOne({ _id }, { $set: { role_name: 'member' } });
    const next = await standalone.apply(path, { withoutTransactions: 'allow' });
    expect(endOf(next)).toEqual({ result: 'complete', 1: 'finished', 2: 'already-done' });
  });
});
