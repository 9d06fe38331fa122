import { Flags } from '@oclif/core';
import { usageFailure } from './error-report.js';

/** Flags with which `apply` is gentle on databases that others are using. */
export const paceFlags = {
  'max-teams-per-second': Flags.custom<number>({ parse: (text) => Promise.resolve(parseRate(text)) })({
    helpValue: 'N',
    description: 'begin no more teams a second, also 0.5 [default: as many as --concurrency allows]',
  }),
  'pause-file': Flags.string({
    helpValue: 'FILE',
    description: 'while this file exists, begin no team; teams in flight are finished',
  }),
};

const SLOWEST = 0.001;

function parseRate(text: string): number {
  const rate = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate >= SLOWEST) return rate;
  throw usageFailure(
    '--max-teams-per-second is no rate',
    'Write a number above 0: 20, or 0.5 for one team in two seconds.',
  );
}
