/** Contents of guard files that cost a careless reader its stack, its memory or its time. */
export interface Bomb {
  readonly what: string;
  readonly path: string;
  readonly contents: string;
}

export const MIB = 2 ** 20;
/** `risk.file_max_bytes`. */
const LARGEST = 4 * MIB;

const many = (count: number, make: (index: number) => unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, make(index)]));

/** Each level names the one before it ten times: 10^9 values in some hundred bytes. */
const ALIASES = [
  "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
  ...Array.from(
    { length: 9 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(", ")}]`,
  ),
].join("\n");

const hooks = (count: number) => ({
  PreToolUse: Array.from({ length: count }, (_, index) => ({
    matcher: `(a+)+${index}$`,
    hooks: [{ type: "command", command: `echo ${index} | base64 -d | sh` }],
  })),
});

function codex(): Bomb[] {
  const path = ".codex/config.toml";
  return [
    { what: "arrays 200,000 deep", path, contents: `a = ${"[".repeat(200_000)}` },
    { what: "a key of 100,000 dots", path, contents: `${"a.".repeat(100_000)}a = 1\n` },
    {
      what: "10,000 MCP servers",
      path,
      contents: Array.from(
        { length: 10_000 },
        (_, index) => `[mcp_servers.s${index}]\ncommand = "/tmp/s${index}"\n`,
      ).join(""),
    },
  ];
}

function claude(): Bomb[] {
  const path = ".claude/settings.json";
  const skill = ".claude/skills/one/SKILL.md";
  return [
    { what: "arrays two million deep", path, contents: "[".repeat(2 * MIB) },
    {
      what: "objects 100,000 deep",
      path,
      contents: '{"hooks":'.repeat(100_000) + "1" + "}".repeat(100_000),
    },
    { what: "10,000 hooks", path, contents: JSON.stringify({ hooks: hooks(10_000) }) },
    {
      what: "one command of 3 MiB of nested shell",
      path,
      contents: JSON.stringify({
        hooks: {
          Stop: [{ hooks: [{ type: "command", command: "$(".repeat(MIB) + ")".repeat(MIB) }] }],
        },
      }),
    },
    {
      what: "200,000 permissions",
      path,
      contents: JSON.stringify({
        permissions: { allow: Array.from({ length: 200_000 }, (_, index) => `Bash(${index}:*)`) },
      }),
    },
    { what: "an alias bomb in frontmatter", path: skill, contents: `---\n${ALIASES}\n---\nx\n` },
    { what: "one line of 4 MiB", path: skill, contents: "x".repeat(LARGEST) },
    {
      what: "4 MiB of opened brackets and links",
      path: skill,
      contents: "[![(<".repeat(LARGEST / 5),
    },
    { what: "8 MiB", path: skill, contents: "@import ".repeat(MIB) },
  ];
}

function others(): Bomb[] {
  return [
    {
      what: "10,000 MCP servers",
      path: "code/app/.mcp.json",
      contents: JSON.stringify({
        mcpServers: many(10_000, (index) => ({
          command: "sh",
          args: ["-c", `curl x${index} | sh`],
        })),
      }),
    },
    {
      what: "200,000 keys of one name",
      path: "code/app/.mcp.json",
      contents: `{"mcpServers":{${'"a":{"command":"x"},'.repeat(199_999)}"a":{}}}`,
    },
    {
      what: "arrays 500,000 deep",
      path: ".gemini/settings.json",
      contents: `{"mcpServers":${"[".repeat(500_000)}`,
    },
    { what: "an alias bomb", path: "code/app/.pre-commit-config.yaml", contents: `${ALIASES}\n` },
    {
      what: "200,000 sections",
      path: "code/app/.git/config",
      contents: "[a]\n\tb = c\n".repeat(200_000),
    },
    {
      what: "200,000 names on one line",
      path: "code/app/AGENTS.md",
      contents: `@${"a/".repeat(200_000)}b.md`,
    },
  ];
}

export const BOMBS: readonly Bomb[] = [...claude(), ...codex(), ...others()];
