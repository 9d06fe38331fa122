import { BAD_BYTES } from './hostile-bytes.js';
import { BAD_FACTS } from './hostile-facts.js';
import { BAD_HEADERS } from './hostile-headers.js';
import { BAD_REVERTS } from './hostile-reverts.js';
import { BAD_SHAPES } from './hostile-shape.js';
import { BAD_TEXTS } from './hostile-text.js';
import type { BadPlan } from './spoil.js';

/** Plans that must never be executed, each a good plan with one defect. */
export const BAD_PLANS: readonly BadPlan[] = [
  ...BAD_BYTES,
  ...BAD_SHAPES,
  ...BAD_TEXTS,
  ...BAD_HEADERS,
  ...BAD_FACTS,
  ...BAD_REVERTS,
];
