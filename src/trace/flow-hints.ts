// Which logical flows a trace wants to name by the Northbound row behind them.
import type { ParsedTrace, TraceEvent } from './parse-trace.ts';

export type TraceStep = Extract<TraceEvent, { kind: 'step' }>;

/**
 * From a flow (first eight digits of its uuid) to the first eight digits of the uuid of the NB row that it was made of:
 * `external_ids:stage-hint` of SB's Logical_Flow.
 */
export type FlowHints = ReadonlyMap<string, string>;

/** Stages whose flows northd makes of rows that people know: rules, balancers, translations, routes, policies. */
const namedStages =
  /_(acl|acl_eval|acl_after_lb|acl_after_lb_eval|lb|dnat|snat|ip_routing|policy|qos_mark|qos)$/;

/** The steps to ask SB about, each flow once. What the default flows of a stage did is no row of anybody. */
export function namedSteps({ events }: ParsedTrace): readonly TraceStep[] {
  const steps = events.filter((event): event is TraceStep => event.kind === 'step');
  const wanted = steps.filter(
    (step, index) =>
      step.flow !== '' && step.priority > 0 && (namedStages.test(step.stage) || index === steps.length - 1),
  );
  return [...new Map(wanted.map((step) => [step.flow, step])).values()];
}
