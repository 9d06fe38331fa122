import { MongoServerError } from 'mongodb';

/** What the server answers to an attempt that it has to refuse. */
export async function failure(attempt: Promise<unknown>): Promise<MongoServerError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof MongoServerError) return error;
    throw error;
  }
  throw new Error('it was expected to fail');
}
