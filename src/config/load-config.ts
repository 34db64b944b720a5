// Reading the configuration file.
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { CodedError } from '../base/errors.ts';
import type { Problem } from '../base/problem.ts';
import type { Config } from './config.ts';
import { defaultConfig, parseConfig } from './parse-config.ts';

/** A configuration that cannot be used, with every reason. Code `CONFIG_INVALID`. */
class ConfigError extends CodedError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.map(
      ({ path, message, hint }) => `  ${path === '' ? '' : `${path}: `}${message}; ${hint}`,
    );
    super('CONFIG_INVALID', `${file} is not a valid configuration:\n${lines.join('\n')}`, {
      retryable: false,
    });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads a YAML file; without one, the defaults.
 * @throws ConfigError `CONFIG_INVALID` with a problem for each field that is wrong
 * @throws CodedError `CONFIG_UNREADABLE` when the file cannot be read
 */
export async function loadConfig(file?: string): Promise<Config> {
  if (file === undefined) return defaultConfig();
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CodedError('CONFIG_UNREADABLE', `the configuration ${file} cannot be read`, {
      retryable: false,
      cause,
    });
  });
  const parsed = parseConfig(parseYaml(file, text), file);
  if (!parsed.ok) throw new ConfigError(file, parsed.problems);
  return parsed.config;
}

function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { stringKeys: true, logLevel: 'silent' });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, linePos }): Problem => {
      const place = `${file}:${linePos?.[0].line ?? 1}:${linePos?.[0].col ?? 1}`;
      const [first = ''] = message.split('\n');
      return {
        code: 'Unparsable',
        object: file,
        path: '',
        message: `${place}: ${first}`,
        hint: 'correct the YAML',
      };
    });
    throw new ConfigError(file, problems);
  }
  return document.toJS({ maxAliasCount: 100 });
}
