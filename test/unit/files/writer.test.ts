import { beforeEach, describe, expect, test } from 'vitest';
import { decisionSchema } from '../../../src/files/plan/decision-schema.js';
import { decisionLine } from '../../../src/files/plan/layout.js';
import type { PlanSink } from '../../../src/files/sink.js';
import { openPlanWriter, type PlanWriter } from '../../../src/files/plan/writer.js';
import type { Decision } from '../../../src/model/decision.js';
import { Failure } from '../../../src/model/failure.js';
import type { Finding } from '../../../src/model/finding.js';
import { collectingSink } from './collecting-sink.js';
import { all, readBytes } from './reading.js';
import {
  decide,
  id,
  live,
  mongoRow,
  odd,
  SAMPLE_REST,
  SAMPLE_TEAMS,
  user,
  type SampleTeam,
} from './sample-plan.js';

let writer: PlanWriter;
beforeEach(async () => {
  writer = await openPlanWriter();
  return () => writer.discard();
});

async function finished(): Promise<Buffer> {
  const { sink, written } = collectingSink();
  await writer.finish(SAMPLE_REST, sink);
  return written();
}

/** The decided team of the sample; throws where nothing was planned. */
function planned(sample: SampleTeam | undefined) {
  const team = sample && decide(sample).planned;
  if (team === undefined) throw new Error('nothing was planned');
  return team;
}
const [first, second] = [planned(SAMPLE_TEAMS[0]), planned(SAMPLE_TEAMS[1])];

describe('the plan writer', () => {
  test('refuses teams out of order, and a team twice', async () => {
    await writer.team(second);
    await expect(writer.team(first)).rejects.toThrow('out of order');
    await expect(writer.team(second)).rejects.toThrow('out of order');
  });

  test('refuses a team without a decision', async () => {
    await expect(writer.team({ ...first, decisions: [] })).rejects.toThrow('without a decision');
  });

  test('counts no fewer people than its decisions show, where a store changed while they were counted', async () => {
    await writer.team({ ...first, holders: 0 });
    const plan = await readBytes(await finished());
    expect(await all(plan.teams())).toMatchObject([{ team: { people: { before: 2, after: 2 } } }]);
    await plan.close();
  });

  test('refuses users out of order', async () => {
    const backwards = { ...first, decisions: first.decisions.toReversed() };
    await expect(writer.team(backwards)).rejects.toThrow('out of order');
  });

  test('puts missing teams behind the existing ones', async () => {
    for (const { planned, findings } of SAMPLE_TEAMS.map(decide)) {
      if (planned !== undefined) await writer.team(planned);
      for (const finding of findings) await writer.finding(finding);
    }
    const plan = await readBytes(await finished());
    const order = (await all(plan.teams())).map(({ team }) => [team.state, team.id]);
    expect(order).toEqual([
      ['live', id('a', 1)],
      ['live', id('a', 3)],
      ['missing', id('a', 2)],
      ['missing', id('a', 6)],
    ]);
    await plan.close();
  });

  test('sorts findings, and writes once what it is given twice', async () => {
    const [one, other] = [id('b', 1), id('b', 2)];
    await writer.finding({ code: 'unlinked-row', team: id('a', 2), user: other });
    const malformed = (team: string | null, row: string): Finding => ({
      ...{ code: 'malformed-row', team, user: null },
      ...odd('postgres', row, 'user_id', '"x"'),
    });
    await writer.finding(malformed(id('a', 1), '9'));
    await writer.finding(malformed(id('a', 1), '10'));
    await writer.finding({ code: 'unlinked-row', team: id('a', 2), user: one });
    await writer.finding(malformed(null, '8'));
    await writer.finding(malformed(id('a', 1), '9'));
    await writer.finding({ code: 'unlinked-row', team: id('a', 2), user: other });
    const plan = await readBytes(await finished());
    expect(await all(plan.findings())).toEqual([
      malformed(null, '8'),
      malformed(id('a', 1), '10'),
      malformed(id('a', 1), '9'),
      { code: 'unlinked-row', team: id('a', 2), user: one },
      { code: 'unlinked-row', team: id('a', 2), user: other },
    ]);
    expect(plan.header.summary.findings).toEqual({ 'malformed-row': 3, 'unlinked-row': 2 });
    await plan.close();
  });

  test('lays out a plan with nothing in it as the format has it', async () => {
    const lines = (await finished()).toString('utf8').split('\n');
    expect(lines.slice(9, 15)).toEqual(['"findings":[', '],', '"blocked":[', '],', '"teams":[', '],']);
    expect(lines[15]).toMatch(/^"digest":"sha256:[0-9a-f]{64}"\}$/);
    expect(lines).toHaveLength(17);
  });

  test('replaces what is hostile in a name, and nothing else', async () => {
    await writer.team(planned({ team: live(1, 1, 'a\u202eb\u0000c\ud800d 👩‍👧'), users: [user(1, true)] }));
    const plan = await readBytes(await finished());
    expect((await all(plan.teams())).map(({ team }) => team.name)).toEqual(['a\ufffdb\ufffdc\ufffdd 👩‍👧']);
    await plan.close();
  });

  test('refuses what would be too long to read back', async () => {
    const long = planned({ team: live(1, 1, 'n'.repeat(17 * 1024 * 1024)), users: [user(1, true)] });
    await expect(writer.team(long)).rejects.toThrow(Failure);
  });

  test('discards the sink where writing fails, and never commits it', async () => {
    const calls: string[] = [];
    const full: PlanSink = {
      write: () => Promise.reject(new Error('disk full')),
      commit: () => Promise.resolve(void calls.push('commit')),
      discard: () => Promise.resolve(void calls.push('discard')),
    };
    await expect(writer.finish(SAMPLE_REST, full)).rejects.toThrow('disk full');
    expect(calls).toEqual(['discard']);
  });
});

describe('a decision line', () => {
  const users = [user(2, true, { mongo: [mongoRow(1, 'member'), mongoRow(2, 'admin')] })];
  const [sample] = planned({ team: live(1, 1), users }).decisions;
  if (sample === undefined) throw new Error('the sample lacks a decision');
  const shuffled: Decision = {
    changes: sample.changes.map(reversed),
    observed: {
      postgres: sample.observed.postgres.map(reversed),
      mongo: sample.observed.mongo.map(reversed),
    },
    member: sample.member,
    standing: sample.standing,
    user: sample.user,
  };

  test('has the keys in the order of the schema, however the decision was built', () => {
    expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(sample));
    expect(decisionLine(shuffled)).toBe(JSON.stringify(decisionSchema.parse(shuffled)));
  });
});

/** The same object with its keys the other way round. */
function reversed<Value extends object>(value: Value): Value {
  const copy = { ...value };
  for (const key of Object.keys(value).reverse()) {
    const entry = Object.getOwnPropertyDescriptor(value, key);
    Reflect.deleteProperty(copy, key);
    if (entry !== undefined) Object.defineProperty(copy, key, entry);
  }
  return copy;
}
