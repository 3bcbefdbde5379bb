// What an answer is worth, from the table in the card: the same verdicts and words as `judge` in Python.

const SPACES = /[\u00a0\u2000-\u200b\u202f\u2060\ufeff]/g;
const MINUS = /[\u2010-\u2015\u2212\ufe63\uff0d]|\bminus\s/gi;
const QUOTES = /["'`\u00b4\u2018-\u201f\u00ab\u00bb]/g;
const OF_100 = /(?:\b(?:(?:out )?of|in) |\/) ?(?:100|a hundred)\b/gi;
const NUMBER = new RegExp(
  "(?:^|[^A-Za-z0-9.,])((?:[-+] ?)?" +
  "(?:[1-9]\\d{0,2}(?:[ ,]\\d{3})+(?!\\d)(?:\\.\\d+)?|[1-9]\\d{0,2}(?:\\.\\d{3})+,\\d+|\\d*[.,]\\d+|\\d+)" +
  "(?:e[-+]?\\d+)?)", "gi");

// What a text may mean as a number (28% is 28 or .28), or what is wrong with it.
function readNumbers(given) {
  const text = given.slice(0, 200).replace(SPACES, " ").replace(QUOTES, "").replace(MINUS, "-").replace(OF_100, "%").trim();
  const found = [...text.matchAll(NUMBER)].map((match) => match[1]);
  if (!found.length) return { problem: "This is text without a number in digits" };
  if (found.length > 1 || /[<>\u2264\u2265]/.test(text)) return { problem: "This is not one number alone" };
  let digits = found[0].replaceAll(" ", "");
  if (/^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?(e[-+]?\d+)?$/i.test(digits)) digits = digits.replaceAll(",", "");
  else if (digits.includes(".") && digits.includes(",")) digits = digits.replaceAll(".", "");
  const number = Number(digits.replaceAll(",", "."));
  if (!Number.isFinite(number)) return { problem: "This is too large" };
  return { meant: /%|per ?cent|prozent|pct/i.test(text) ? [number, number / 100] : [number] };
}

function judgeValue({ table, done, help }, number) {
  const gap = Math.abs(number - table.expected);
  if (gap <= table.tolerance) return { state: "right", text: `Right. ${table.right}`, hint: done };
  let nearest = null;
  for (const mistake of table.mistakes) {
    const off = Math.abs(number - mistake.value);
    if (off <= table.tolerance && (!nearest || off <= nearest.off)) nearest = { off, ...mistake };
  }
  if (nearest)
    return { state: "misunderstanding", text: `Not yet. ${nearest.feedback}`,
      hint: `Look again at: ${nearest.look}.`, mistake: nearest.name };
  if (Math.abs(table.expected) > 2 * table.tolerance)
    for (const [factor, times] of [[0.01, "a hundred times too large"], [100, "a hundredth of it"]])
      if (Math.abs(number * factor - table.expected) <= table.tolerance)
        return { state: "misunderstanding", text: `Not yet. The digits fit, and this is ${times}.`,
          hint: "Look again at: a share (0 to 1) or per cent (0 to 100)?", mistake: "factor of 100" };
  if (gap <= table.near)
    return { state: "near miss", text: `Close, but ${table.off}.`, hint: "Did you round on the way? Round only at the end." };
  return { state: "not yet", text: "Not yet. This is not the number, and none of the usual mix-ups gives it.", hint: help };
}

// The verdict on a text that was typed, or on the keys that were chosen ("b", "ac").
function judge(card, given) {
  if (card.kind === "number") {
    const { meant, problem } = readNumbers(given);
    if (problem) return { state: "kind", text: `${problem}; the question asks for a number.`, hint: card.help };
    if (!card.table)
      return { state: "noted", text: "Noted. It is kept for your page. Whether it fits is said where your service was made: run the cell with your number, then this one." };
    const tries = meant.map((number) => judgeValue(card, number));
    // of 50 and .5 the one whose size is nearer to what was asked for is meant
    const meantShare = Math.abs(meant[0] * meant.at(-1)) > card.table.expected ** 2;
    return tries.find(({ state }) => state === "right") ?? tries.at(meantShare ? -1 : 0);
  }
  const wrong = card.options.find(({ key, right }) => given.includes(key) && !right);
  if (wrong) {
    const about = card.kind === "choices" ? `About ${wrong.key}: ` : "";
    return { state: "misunderstanding", text: `Not yet. ${about}${wrong.feedback}`, hint: card.help, mistake: wrong.key };
  }
  const right = card.options.filter((option) => option.right);
  if (!right.every(({ key }) => given.includes(key)))
    return { state: "near miss", text: "What you chose fits, and something that fits is still missing.", hint: card.help };
  return { state: "right", text: `Right. ${right.map((option) => option.feedback).join(" ")}`, hint: card.done };
}
