/** The panels by name. A panel is painted when one of its views has changed; one that `ticks` also while time passes. */

import { Active } from "./active.js";
import { Answer } from "./answer.js";
import { Branches } from "./branches.js";
import { Calls } from "./calls.js";
import { Checkpoints } from "./checkpoints.js";
import { Cost } from "./cost.js";
import { Delivered } from "./delivered.js";
import { Diagram } from "./diagram.js";
import { Faults } from "./faults.js";
import { Figures } from "./figures.js";
import { Gaps } from "./gaps.js";
import { Kinds } from "./kinds.js";
import { ModeLanes } from "./mode_lanes.js";
import { Namespaces } from "./namespaces.js";
import { Progress } from "./progress.js";
import { Raw } from "./raw.js";
import { States } from "./states.js";
import { Status } from "./status.js";
import { Tables } from "./tables.js";
import { Tasks } from "./tasks.js";
import { Timeline } from "./timeline.js";
import { Tokens } from "./tokens.js";
import { Trace } from "./trace.js";
import { Updates } from "./updates.js";

export const PANELS = {
  active: Active,
  answer: Answer,
  branches: Branches,
  calls: Calls,
  checkpoints: Checkpoints,
  cost: Cost,
  delivered: Delivered,
  diagram: Diagram,
  faults: Faults,
  figures: Figures,
  gaps: Gaps,
  kinds: Kinds,
  mode_lanes: ModeLanes,
  namespaces: Namespaces,
  progress: Progress,
  raw: Raw,
  states: States,
  status: Status,
  tables: Tables,
  tasks: Tasks,
  timeline: Timeline,
  tokens: Tokens,
  trace: Trace,
  updates: Updates,
};
