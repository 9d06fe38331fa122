import { Failure } from '../src/model/failure.js';

/** The failure with which something ends; throws where it succeeds, or where the error is not meant for people. */
export async function failureOf(ending: Promise<unknown>): Promise<Failure> {
  const error: unknown = await ending.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw error;
}
