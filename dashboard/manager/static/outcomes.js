// What the managers' page cannot do without a script: open the print dialog, and print all of it.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());

const statistics = document.querySelector(".statistics");
addEventListener("beforeprint", () => statistics?.setAttribute("open", ""));
