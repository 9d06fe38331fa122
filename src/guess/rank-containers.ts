import type { ContainerShape } from '../model/shape.js';
import type { ExpectedContainer } from './expected.js';
import { likeness, wordsOf } from './likeness.js';
import { matchFields } from './match-fields.js';

/** How well a collection or table fits what is looked for, from 0 to 1. */
export interface ContainerCandidate {
  readonly container: ContainerShape;
  readonly score: number;
}

const WEIGHT = { name: 0.4, fields: 0.6, foreign: 0.25, leftover: 0.2 } as const;
/** Below it, something else is meant. */
const LEAST = 0.4;
const SURE = { score: 0.55, lead: 0.1 } as const;
/** The usual name alone, with nothing in it to look at. */
const EMPTY = 0.7;
const LEFTOVER = [
  'backup',
  'bak',
  'old',
  'copy',
  'tmp',
  'temp',
  'archive',
  'history',
  'log',
  'audit',
  'test',
];

/** How well the container fits; 0 where hardly anything does. */
export function containerScore(expected: ExpectedContainer, container: ContainerShape): number {
  const name = likeness(container.name, expected.names);
  if (container.fields.length === 0) return name === 1 ? EMPTY : 0;
  const required = expected.fields.filter(({ need }) => need === 'required');
  const scores = matchFields(required, container.fields).map(({ candidates }) => candidates[0]?.score ?? 0);
  // Half of what it must have is the least.
  if (scores.filter((score) => score >= 0.5).length * 2 < required.length) return 0;
  const fields = scores.reduce((sum, score) => sum + score, 0) / required.length;
  const foreign = expected.foreign.filter(({ names, kinds }) =>
    container.fields.some(
      (field) => likeness(field.name, names) >= 0.9 && kinds.some((kind) => (field.kinds[kind] ?? 0) > 0),
    ),
  );
  const leftover = wordsOf(container.name).some((word) => LEFTOVER.includes(word));
  const score =
    WEIGHT.name * name +
    WEIGHT.fields * fields -
    (foreign.length > 0 ? WEIGHT.foreign : 0) -
    (leftover ? WEIGHT.leftover : 0);
  return Math.max(0, Math.round(score * 1000) / 1000);
}

/** What may be meant, the best first; of equals in the order given. */
export function rankContainers(
  expected: ExpectedContainer,
  containers: readonly ContainerShape[],
): ContainerCandidate[] {
  return containers
    .map((container) => ({ container, score: containerScore(expected, container) }))
    .filter(({ score }) => score >= LEAST)
    .sort((a, b) => b.score - a.score);
}

/** The container that it surely is; undefined where a person has to say. */
export function sureContainer([best, next]: readonly ContainerCandidate[]): ContainerShape | undefined {
  if (best === undefined || best.score < SURE.score) return undefined;
  return next === undefined || best.score - next.score >= SURE.lead ? best.container : undefined;
}
