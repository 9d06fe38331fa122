import { hostname, userInfo } from 'node:os';
import { withoutHostileCharacters } from '../model/text.js';

/** `user@host`, for the lock and the receipt. */
export function whoAmI(): string {
  let user = process.env['SUDO_USER'] ?? '';
  try {
    // sudo hides who it was.
    if (user === '') user = userInfo().username;
  } catch {
    user = `uid ${process.getuid?.() ?? 'unknown'}`;
  }
  return withoutHostileCharacters(`${user}@${hostname()}`).slice(0, 200);
}
