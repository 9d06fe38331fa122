import { SingleBar } from 'cli-progress';

/** Shows how far reading has come, on one line that disappears when it stops. */
export interface TeamCounter {
  update(teams: number): void;
  stop(): void;
}

/** Begins to count on a terminal. How many teams there are is not known before all are read. */
export function startTeamCounter(terminal: NodeJS.WritableStream): TeamCounter {
  const bar = new SingleBar({
    stream: terminal,
    format: 'Reading: {value} teams in {duration_formatted}',
    clearOnComplete: true,
    hideCursor: true,
    // Redrawing after every team would take longer than reading it.
    fps: 5,
  });
  bar.start(0, 0);
  return {
    update: (teams) => {
      bar.update(teams);
    },
    stop: () => {
      bar.stop();
    },
  };
}
