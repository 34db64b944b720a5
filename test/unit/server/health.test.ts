// Checks and what they say together.
import { describe, expect, test } from 'vitest';
import { checkHealth } from '../../../src/server/health.ts';

describe('checkHealth', () => {
  test('says of each check whether it holds', () => {
    const checks = [
      { name: 'northbound', obstacle: () => undefined },
      { name: 'source', obstacle: () => 'not every object is known yet' },
    ];
    expect(checkHealth(checks)).toEqual({
      isHealthy: false,
      text: '[+] northbound ok\n[-] source: not every object is known yet\n',
    });
    expect(checkHealth(checks.slice(0, 1)).isHealthy).toBe(true);
  });

  test('a check that throws has failed', () => {
    const broken = () => {
      throw new Error('no replica');
    };
    expect(checkHealth([{ name: 'northbound', obstacle: broken }])).toEqual({
      isHealthy: false,
      text: '[-] northbound: no replica\n',
    });
  });
});
