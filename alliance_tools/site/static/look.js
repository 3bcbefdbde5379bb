try{const l=localStorage.getItem("alliance-course-look");if(l)document.documentElement.dataset.theme=l}catch{}
