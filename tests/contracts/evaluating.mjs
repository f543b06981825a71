// Asks GitHub's own evaluator and parsers; one JSON document in, one out.
import {Evaluator, Lexer, Parser, data} from "@actions/expressions";
import {NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow} from "@actions/workflow-parser";
import {parseAction} from "@actions/workflow-parser/actions/action-parser";
import {readFileSync} from "node:fs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const contexts = JSON.parse(JSON.stringify(asked.contexts), data.reviver);
const trace = new NoOperationTraceWriter();

function evaluated(text) {
  try {
    const tokens = new Lexer(text).lex().tokens;
    const tree = new Parser(tokens, Object.keys(asked.contexts), []).parse();
    return {text: new Evaluator(tree, contexts).evaluate().coerceString()};
  } catch (error) {
    return {error: String(error)};
  }
}

async function parsed([name, content]) {
  const isAction = name.endsWith("action.yml");
  const found = (isAction ? parseAction : parseWorkflow)({name, content}, trace);
  const errors = found.context.errors.getErrors().map(String);
  if (isAction || errors.length) return {errors, jobs: []};
  const made = await convertWorkflowTemplate(found.context, found.value);
  const jobs = made.jobs.map(job => ({
    id: String(job.id),
    needs: (job.needs ?? []).map(String),
    steps: (job.steps ?? []).map(step => String(step.uses ?? step.run)),
  }));
  return {errors: (made.errors ?? []).map(error => error.Message ?? String(error)), jobs};
}

console.log(JSON.stringify({
  values: asked.expressions.map(evaluated),
  files: await Promise.all(asked.files.map(parsed)),
}));
