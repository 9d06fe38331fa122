import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether tests in a browser can run: where it is missing, they fail in CI, and are left out (with a note) elsewhere. */
export function chromiumState(): 'there' | 'missing' {
  if (existsSync(PATH)) return 'there';
  const missing = `No Chromium at ${PATH}: install it (apt-get install chromium) or set CHROMIUM_PATH.`;
  if (process.env['CI'] !== undefined || process.env['CHROMIUM_PATH'] !== undefined) throw new Error(missing);
  process.stderr.write(`${missing} Tests in a browser are left out.\n`);
  return 'missing';
}

/** Starts it without a window and without any traffic of its own. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
