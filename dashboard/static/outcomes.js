// The only thing the managers' page cannot do without a script: open the print dialog.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
