import type { Act as AnyAct, Define as AnyDefine } from "@sigil/cli/command";
import type { CommandContext } from "./context.ts";

export type Act = AnyAct<CommandContext>;
export type Define = AnyDefine<CommandContext>;
