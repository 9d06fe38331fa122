import { Failure } from '../../team/failure.js';

/**
 * Runs part of the sandbox, whose errors for people are plain ones ("Starting the sandbox: what happened. What to do.").
 *
 * @throws Failure (operational) in place of such an error; every other error as it is
 */
export async function withSandboxFailures<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof Error ? (asFailure(error) ?? error) : error;
  }
}

function asFailure(cause: Error): Failure | undefined {
  const [, doing, problem] = /^([A-Z][a-z]+ing [^:\n]+): (.+)$/s.exec(cause.message) ?? [];
  // A bug is a TypeError or the like, and has to be reported as one.
  if (cause.name !== 'Error' || doing === undefined || problem === undefined) return undefined;
  return new Failure(
    'operational',
    {
      doing: doing.charAt(0).toLowerCase() + doing.slice(1),
      problem: problem.replace(/\.$/, ''),
      next: 'See fix-roles sandbox up --help, or name servers of your own in .env (config.env.example lists how).',
    },
    { cause },
  );
}
