import { describe, expect, it } from 'vitest';
import { reportOf } from '../../../src/model/apply-report.js';
import { resultOf, type ApplyResult, type TeamOutcome } from '../../../src/model/outcome.js';

const drifted = (seen: 'before-start' | 'in-transaction'): TeamOutcome => ({
  kind: 'drifted',
  seen,
  halfApplied: false,
  drifts: [],
});

const RESULTS: readonly (readonly [ApplyResult, TeamOutcome])[] = [
  ['complete', { kind: 'applied' }],
  ['complete', { kind: 'finished' }],
  ['complete', { kind: 'already-done' }],
  ['drift', { kind: 'changed-since', drifts: [] }],
  ['drift', drifted('before-start')],
  ['drift', { kind: 'not-begun', reason: 'drift' }],
  ['partly-applied', drifted('in-transaction')],
  ['partly-applied', { kind: 'overtaken', drifts: [] }],
  ['partly-applied', { kind: 'failed', problem: 'no room' }],
  ['partly-applied', { kind: 'half-done', problem: 'no room' }],
  ['partly-applied', { kind: 'unknown', problem: 'no answer' }],
  ['partly-applied', { kind: 'not-begun', reason: 'drift-in-transaction' }],
  ['partly-applied', { kind: 'not-begun', reason: 'limit' }],
  ['partly-applied', { kind: 'not-begun', reason: 'lock-lost' }],
  ['partly-applied', { kind: 'not-begun', reason: 'stores-unreachable' }],
  ['partly-applied', { kind: 'not-begun', reason: 'commit-unknown' }],
  ['partly-applied', { kind: 'not-begun', reason: 'receipt-failed' }],
  ['interrupted', { kind: 'not-begun', reason: 'interrupted' }],
];

describe('what one outcome means for the run', () => {
  it.each(RESULTS)('is %s for %j', (result, outcome) => {
    expect(resultOf(outcome)).toBe(result);
  });
});

describe('what a run comes to', () => {
  const result = (...outcomes: TeamOutcome[]): ApplyResult =>
    reportOf(new Map(outcomes.map((outcome, index) => [`team ${index}`, outcome])), null, 'receipt', null)
      .result;
  const gravest: readonly ApplyResult[] = ['complete', 'drift', 'partly-applied', 'interrupted'];

  it('is complete where there was nothing to do', () => {
    expect(result()).toBe('complete');
  });

  it('is the gravest of its teams, in whatever order they come', () => {
    for (const [one, first] of RESULTS) {
      for (const [other, second] of RESULTS) {
        const expected = gravest[Math.max(gravest.indexOf(one), gravest.indexOf(other))];
        expect(result(first, second)).toBe(expected);
      }
    }
  });

  it('counts every team once', () => {
    const outcomes = new Map<string, TeamOutcome>([
      ['a', { kind: 'applied' }],
      ['b', { kind: 'applied' }],
      ['c', { kind: 'finished' }],
      ['d', { kind: 'not-begun', reason: 'limit' }],
    ]);
    expect(reportOf(outcomes, null, 'r', null).counts).toEqual({ applied: 2, finished: 1, 'not-begun': 1 });
  });
});
