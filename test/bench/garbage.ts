import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/**
 * Collects this process's garbage. The stand-in lives in it: what a data set leaves behind would be collected, for seconds
 * and on both cores, while something is measured.
 */
export function collectGarbage(): void {
  if (isFunction(collect)) collect();
}

function isFunction(value: unknown): value is () => void {
  return typeof value === 'function';
}
