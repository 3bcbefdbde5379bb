"""A class in sentences and in a picture: what is hardest, and where to spend the next hour."""

import base64
import textwrap
from pathlib import Path
from typing import Any

from alliance_course.questions.bank import registry
from alliance_course.show.figure import Plot
from alliance_course.show.style import PALETTE
from alliance_tools.instructor.class_answers import (
    ClassAnswers,
    misunderstanding_table,
    prediction_table,
    question_table,
    week_table,
)
from alliance_tools.instructor.pages import render
from alliance_tools.maintain.notebooks import lessons


def next_class(found: ClassAnswers, most: int = 3) -> list[str]:
    """Where to spend the next class: questions that most of those who tried do not have yet."""
    table, wrong = question_table(found), misunderstanding_table(found)
    table["open"] = table["tried"] - table["right"]
    worst = table[table["open"] > 0].sort_values(["open", "caught"], ascending=False).head(most)
    lines = []
    for row in worst.itertuples():
        number = row.question[1:3]
        where = f"lesson {number}, {lessons()[number].title}" if number in lessons() else "the test"
        line = f"{row.question} ({where}): {row.open} of {row.tried} do not have it yet."
        usual = wrong[wrong["question"] == row.question].head(1)
        if len(usual):
            first = usual.iloc[0]
            line += f" Usual answer, {first['learners']} learners: {first['answer'].rstrip('.')}."
            line += (
                f" Behind it may be: {first['misconception']}." if first["misconception"] else ""
            )
        lines.append(line)
    return lines


def plot_class(found: ClassAnswers) -> Plot:
    """Draw for the fifteen hardest questions how many of those who tried have it right."""
    table = question_table(found)
    hardest = table.sort_values(["open_percent", "question"]).tail(15)
    words = title = "Nobody has answered a question yet"
    if len(table):
        worst = hardest.iloc[-1]
        title = f"{worst['question']} is the hardest question so far"
        words = (
            f"{found.answers['learner'].nunique()} learners answered {len(table)} questions. "
            f"Hardest is {worst['question']}: {worst['right']} of the {worst['tried']} who tried "
            "have it right"
        )

    def draw(ax: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        right, tried = hardest["right"], hardest["tried"]
        ax.barh(hardest["question"], right, color=PALETTE[0], label="right")
        rest = {"color": "white", "edgecolor": PALETTE[1], "hatch": "///", "label": "not yet"}
        ax.barh(hardest["question"], tried - right, left=right, **rest)
        if len(hardest):
            ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set(xlabel="learners who tried", title=title)

    return Plot(draw, (7.0, 1.4 + 0.3 * len(hardest)), f"{words}.", hardest)


def _bar(percent: int) -> str:
    return "█" * round(percent / 5) or "·"


def prediction_lines(found: ClassAnswers) -> list[str]:
    """Each prediction with a bar for every option: what to put on the board in the debrief."""
    lines: list[str] = []
    for key, rows in prediction_table(found).groupby("question"):
        came = rows["result"].iloc[0]
        lines.append(
            f"  {key}, {rows['learners'].sum()} guesses" + (f" (came out: {came})" if came else "")
        )
        for row in rows.itertuples():
            text = textwrap.shorten(str(row.guess), 58, placeholder=" ...")
            lines.append(f"    {text:<58} {row.learners:>3}  {_bar(row.percent)}")
    return lines


def class_page(found: ClassAnswers) -> str:
    """The tables and sentences that the command prints."""
    parts = [
        f"{found.files} files, {len(found.learners)} learners, {len(found.left_out)} left out."
    ]
    parts += [f"  left out: {name}: {reason}" for name, reason in found.left_out.items()]
    parts += [f"  one learner: {name}: {reason}" for name, reason in found.together.items()]
    parts += ["", plot_class(found).words]
    if len(found.learners):
        parts += ["", "Learners (minutes: between answers at most 20 minutes apart, so at least)"]
        parts += [found.learners.to_string(index=False)]
    weeks = week_table(found)
    if len(weeks) > 1:
        parts += ["", "Weeks (each answer counts in the week of its last try)"]
        parts += [weeks.to_string(index=False)]
    if len(found.guesses):
        parts += ["", "Predictions", *prediction_lines(found)]
    if len(found.answers):
        shown = question_table(found).drop(columns="prompt")
        parts += ["", "Questions", shown.to_string(index=False)]
    wrong = misunderstanding_table(found)
    if len(wrong):
        parts += ["", "Misunderstandings that came up most"]
        for row in wrong.head(10).itertuples():
            parts.append(
                f"  {row.learners} learners ({row.percent}%), {row.question}: {row.answer}"
            )
            parts += [f"      behind it may be: {row.misconception}"] if row.misconception else []
    lines = next_class(found)
    if lines:
        parts += ["", "Where to spend the next class"]
        parts += [f"  {number}. {line}" for number, line in enumerate(lines, start=1)]
    return "\n".join(parts)


def class_html(found: ClassAnswers, *, to_show: bool = False) -> str:
    """The same as one page that stands alone; `to_show`: the predictions only, without names."""
    picture = base64.b64encode(plot_class(found).png()).decode()
    predictions = {
        str(key): (registry()[str(key)]["prompt"], rows["result"].iloc[0], rows.to_dict("records"))
        for key, rows in prediction_table(found).groupby("question")
    }
    return render(
        "class.html.j2",
        found=found,
        to_show=to_show,
        words=plot_class(found).words,
        picture=picture,
        next_class=next_class(found),
        predictions=predictions,
        wrong=misunderstanding_table(found).to_dict("records"),
        learners=found.learners.to_dict("records"),
        questions=question_table(found).to_dict("records"),
        weeks=week_table(found).to_dict("records"),
    )


def write_class(found: ClassAnswers, folder: Path) -> list[Path]:
    """Write the page, the tables as CSV and the picture; earlier ones of the name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "questions": question_table(found),
        "misunderstandings": misunderstanding_table(found),
        "predictions": prediction_table(found),
        "learners": found.learners,
        "weeks": week_table(found),
    }
    page, picture = folder / "class.html", folder / "class.png"
    page.write_text(class_html(found), encoding="utf-8")
    guesses = folder / "class-predictions.html"
    guesses.write_text(class_html(found, to_show=True), encoding="utf-8")
    picture.write_bytes(plot_class(found).png())
    for name, table in tables.items():
        # with a mark at the beginning, spreadsheets read the file as UTF-8
        table.to_csv(folder / f"class-{name}.csv", index=False, encoding="utf-8-sig")
    return [page, guesses, picture, *(folder / f"class-{name}.csv" for name in tables)]
