// Our end of the channel to an agent: starts it in a namespace of its own and pairs answers with orders.
import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../base/errors.ts';
import { stopDaemon } from '../embedded/child.ts';
import type { AnswerMessage, Answers, Order } from './agent/protocol.ts';
import { dieWithParent } from './network-namespace.ts';
import type { LabPrograms } from './programs.ts';

export interface AgentLink {
  readonly pid: number;
  /** @throws LAB_AGENT_FAILED */
  ask<T extends Order>(order: T): Promise<Answers[T['do']]>;
  stop(): Promise<void>;
}

/** `.ts` where we run from source, `.js` where we were built. */
const agentMain = fileURLToPath(new URL(`agent/main${extname(import.meta.url)}`, import.meta.url));

interface Waiting {
  resolve(answer: never): void;
  reject(error: Error): void;
}

/** Resolves when the agent is there; its namespace then exists. `name` is what its servers call themselves. */
export async function startAgent(name: string, programs: LabPrograms): Promise<AgentLink> {
  const child = spawn(
    programs.path('setpriv'),
    [...dieWithParent, programs.path('unshare'), '--net', process.execPath, agentMain, name],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true },
  );
  const waiting = new Map<number, Waiting>();
  const complaints: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const fail = (reason: string): void => {
    const error = agentError(name, reason);
    for (const asker of waiting.values()) asker.reject(error);
    waiting.clear();
  };
  child.once('error', (error) => fail(error.message));
  child.once('exit', () => fail(`ended\n${complaints.join('')}`));
  child.on('message', (message: AnswerMessage) => settle(message, waiting, name));
  const reply = (id: number): Promise<never> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  await reply(0);
  return linkTo(name, child, reply);
}

function linkTo(name: string, child: ChildProcess, reply: (id: number) => Promise<never>): AgentLink {
  let last = 0;
  return {
    pid: child.pid ?? 0,
    ask: async (order) => {
      if (!child.connected) throw agentError(name, 'has been stopped');
      last += 1;
      const answer = reply(last);
      child.send({ id: last, order });
      return answer;
    },
    stop: () => stopDaemon(child),
  };
}

function settle(message: AnswerMessage, waiting: Map<number, Waiting>, name: string): void {
  const asker = waiting.get(message.id);
  waiting.delete(message.id);
  if ('error' in message) asker?.reject(agentError(name, message.error));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `id` pairs it with the order that it answers
  else asker?.resolve(message.answer as never);
}

function agentError(name: string, what: string): CodedError {
  return new CodedError('LAB_AGENT_FAILED', `agent of ${name}: ${what}`, { retryable: false });
}
