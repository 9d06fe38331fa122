import { Flags } from '@oclif/core';
import { usageFailure } from './error-report.js';

/** The time that a plan is made for, in milliseconds since 1970; undefined where none was given. */
export const asOfFlag = Flags.custom<number>({ parse: (text) => Promise.resolve(parseInstant(text)) })({
  helpValue: 'TIME',
  description:
    'the time that the plan is made for, to reproduce one: 2026-11-22T06:15:00.000Z [default: now]',
});

function parseInstant(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  if (!Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text.slice(0, 19)) return at;
  throw usageFailure('--as-of is no time in UTC', 'Write it like this: 2026-11-22T06:15:00.000Z');
}
