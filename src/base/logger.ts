// The logger that every room takes: a subset of pino's interface, so that pino itself satisfies it.

type LogMethod = (fields: object, message: string) => void;

/** Constant message, fields beside it. `silentLogger` for tests and one-shot commands. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

const ignore: LogMethod = () => {};

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
