import { isDenial, withoutSecrets } from '../stores/server-error.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';

/** The answer to one question. `denied`: the user may not ask it. */
export type Probe<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'denied' | 'failed'; readonly problem: string };

/** Turns an error into an answer: one failed question must not keep doctor from asking the rest. */
export async function probe<T>(ask: () => Promise<T>, secrets: readonly string[]): Promise<Probe<T>> {
  try {
    return { kind: 'found', value: await ask() };
  } catch (error) {
    const { message } = withoutSecrets(error, secrets);
    return { kind: isDenial(error) ? 'denied' : 'failed', problem: message };
  }
}

/** The result of a check that was tried; an error is its own result. */
export function result(tried: Probe<CheckResult>): CheckResult {
  return judged(tried, (made) => made);
}

/** A problem that makes `plan` or `apply` fail, or makes their effect unsafe. */
export function failure(problem: string, next: string, statements: readonly string[] = []): CheckProblem {
  return { severity: 'failure', problem, next, statements };
}

/** A problem with which both work all the same. */
export function warning(problem: string, next: string, statements: readonly string[] = []): CheckProblem {
  return { severity: 'warning', problem, next, statements };
}

/** The result of a check: as bad as its worst problem. */
export function verdict(found: string, problems: Iterable<CheckProblem> = []): CheckResult {
  const [first, ...others] = problems;
  if (first === undefined) return { status: 'passed', found };
  const failed = [first, ...others].some(({ severity }) => severity === 'failure');
  return { status: failed ? 'failed' : 'warning', found, problems: [first, ...others] };
}

export function notMade(reason: string): CheckResult {
  return { status: 'not-made', reason };
}

/** Judges an answer; an error is its own result. */
export function judged<T>(probe: Probe<T>, judge: (value: T) => CheckResult): CheckResult {
  switch (probe.kind) {
    case 'found':
      return judge(probe.value);
    case 'denied':
      return notMade(`the user may not ask: ${probe.problem}`);
    case 'failed':
      return verdict('', [
        failure(
          `it could not be found out: ${probe.problem}`,
          'Run doctor again; if it stays so, look into the log of the server.',
        ),
      ]);
  }
}
