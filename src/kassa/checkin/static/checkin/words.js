/* What the scanner says, in English and French. */

const WORDS = {
  app: ["Kassa door", "Kassa à l’entrée"],
  language_other: ["Français", "English"],
  loading: ["Starting…", "Démarrage…"],
  close: ["Close", "Fermer"],
  cancel: ["Cancel", "Annuler"],
  back: ["Back", "Retour"],
  new_version: ["A new version is ready.", "Une nouvelle version est prête."],
  reload: ["Use it now", "L’utiliser"],

  enrol_title: ["Make this phone a scanner", "Faire de ce téléphone un lecteur"],
  enrol_how: [
    "Scan the code that your organiser shows you, or paste it here.",
    "Scannez le code que l’organisateur vous montre, ou collez-le ici.",
  ],
  enrol_code: ["Code or link from your organiser", "Code ou lien de l’organisateur"],
  enrol_go: ["Connect this phone", "Connecter ce téléphone"],
  enrol_scan: ["Scan the code", "Scanner le code"],
  enrol_busy: ["Connecting…", "Connexion…"],
  enrolment_over: [
    "This code has been used already, or it is more than an hour old. Ask for a new one.",
    "Ce code a déjà servi, ou il a plus d’une heure. Demandez-en un nouveau.",
  ],
  not_reached: [
    "Kassa cannot be reached. Check the network and try again.",
    "Kassa est injoignable. Vérifiez le réseau et réessayez.",
  ],
  enrol_other: [
    "{n} scans of another organisation wait on this phone. Save them before you go on.",
    "{n} scans d’une autre organisation attendent sur ce téléphone. Enregistrez-les d’abord.",
  ],
  revoked_title: ["This phone is signed out", "Ce téléphone est déconnecté"],
  revoked_text: [
    "The organiser has taken its key back, or it was connected again elsewhere. Scanning has stopped.",
    "L’organisateur a retiré sa clé, ou il a été connecté ailleurs. Le scan est arrêté.",
  ],
  revoked_kept: [
    "{n} scans were not sent yet. They are kept here and go out once this phone is connected again.",
    "{n} scans n’ont pas été envoyés. Ils restent ici et partiront à la prochaine connexion.",
  ],
  export: ["Save the waiting scans as a file", "Enregistrer les scans en attente"],

  choose_title: ["What do you check?", "Que contrôlez-vous ?"],
  choose_none: [
    "There is no check-in list for this phone yet. Ask your organiser to make one.",
    "Aucune liste de contrôle pour ce téléphone. Demandez à l’organisateur d’en créer une.",
  ],
  choose_gate: ["Where do you stand?", "Où êtes-vous ?"],
  choose_gate_free: ["Gate (may stay empty)", "Porte (facultatif)"],
  choose_start: ["Start scanning", "Commencer à scanner"],
  look_again: ["Look again", "Regarder à nouveau"],
  downloading: ["Fetching the tickets…", "Chargement des billets…"],
  downloaded: ["{n} of {total}", "{n} sur {total}"],
  download_failed: [
    "The tickets could not be fetched. What was here before is still here.",
    "Impossible de charger les billets. Ceux d’avant sont toujours là.",
  ],

  tab_scan: ["Scan", "Scanner"],
  tab_search: ["Search", "Chercher"],
  tab_recent: ["Recent", "Récents"],
  tab_live: ["Live", "En direct"],
  tab_more: ["More", "Plus"],
  skip: ["To the content", "Aller au contenu"],

  online: ["Online", "En ligne"],
  offline: ["Offline", "Hors ligne"],
  waiting: ["{n} waiting", "{n} en attente"],
  data_age: ["Tickets: {age}", "Billets : {age}"],
  age_now: ["just now", "il y a un instant"],
  age_minutes: ["{n} min ago", "il y a {n} min"],
  age_hours: ["{n} h ago", "il y a {n} h"],

  entry: ["Entry", "Entrée"],
  exit: ["Exit", "Sortie"],
  direction: ["Direction", "Sens"],
  torch: ["Light", "Lampe"],
  type_code: ["Type the code", "Saisir le code"],
  code: ["Ticket code", "Code du billet"],
  code_hint: ["Letters and digits below the QR code", "Lettres et chiffres sous le code QR"],
  check: ["Check", "Vérifier"],
  aim: ["Hold the QR code in the frame", "Placez le code QR dans le cadre"],
  checking: ["Checking…", "Vérification…"],
  inside: ["Inside", "Présents"],
  entered: ["Entered", "Entrés"],
  total: ["Tickets", "Billets"],
  own: ["My scans", "Mes scans"],
  camera_start: ["Start the camera", "Lancer la caméra"],
  camera_refused: [
    "The camera is not allowed. Allow it for this page in the settings of your browser, or type the codes.",
    "La caméra n’est pas autorisée. Autorisez-la pour cette page dans le navigateur, ou saisissez les codes.",
  ],
  camera_missing: [
    "No camera was found. Type the codes, or search by name.",
    "Aucune caméra trouvée. Saisissez les codes, ou cherchez par nom.",
  ],
  camera_busy: [
    "Another app is using the camera. Close it and start the camera again.",
    "Une autre application utilise la caméra. Fermez-la et relancez la caméra.",
  ],

  word_admitted: ["Admitted", "Admis"],
  word_exit: ["Out", "Sorti"],
  word_already: ["Already in", "Déjà entré"],
  word_refused: ["Refused", "Refusé"],
  next: ["Next", "Suivant"],
  undo: ["Undo", "Annuler"],
  undone: ["Undone", "Annulé"],
  decided_here: ["Decided on this phone, without a network", "Décidé sur ce téléphone, sans réseau"],
  previous_by: ["by {by}", "par {by}"],
  previous_own: ["on this phone", "sur ce téléphone"],
  previous_entry: ["Came in", "Entrée"],
  previous_exit: ["Went out", "Sortie"],
  note_sold_later: [
    "Genuine, but sold after the last download.",
    "Authentique, mais vendu après le dernier chargement.",
  ],

  result_valid: ["Come in.", "Entrez."],
  result_already_used: ["This ticket has been used.", "Ce billet a déjà servi."],
  result_not_inside: ["This person is not in.", "Cette personne n’est pas entrée."],
  result_no_exits: ["This list counts no exits.", "Cette liste ne compte pas les sorties."],
  result_wrong_event: ["A ticket for another event.", "Billet d’un autre événement."],
  result_wrong_ticket_type: ["Not valid at this entrance.", "Pas valable à cette entrée."],
  result_too_early: ["The doors are not open yet.", "Les portes ne sont pas encore ouvertes."],
  result_too_late: ["The doors are closed.", "Les portes sont fermées."],
  result_refunded: ["The ticket was refunded.", "Le billet a été remboursé."],
  result_cancelled: ["The ticket was cancelled.", "Le billet a été annulé."],
  result_expired: ["The order has expired.", "La commande a expiré."],
  result_transferred: [
    "Given to another person. This code is dead.",
    "Cédé à une autre personne. Ce code n’est plus valable.",
  ],
  result_reissued: [
    "Replaced by a new ticket. This code is dead.",
    "Remplacé par un nouveau billet. Ce code n’est plus valable.",
  ],
  result_unpaid: ["The ticket is not paid.", "Le billet n’est pas payé."],
  result_blocked: ["Blocked by the organiser.", "Bloqué par l’organisateur."],
  result_unknown: ["No such ticket.", "Ce billet n’existe pas."],
  result_mistyped: ["Mistyped. Check the letters.", "Faute de frappe. Vérifiez les lettres."],
  result_forged: ["Not genuine. The code was changed or made up.", "Faux. Le code a été modifié ou inventé."],
  result_key_revoked: [
    "Signed with a key that is not trusted any more.",
    "Signé avec une clé qui n’est plus sûre.",
  ],
  result_not_a_ticket: ["This is not a ticket.", "Ce n’est pas un billet."],
  result_unknown_list: ["The list is not this phone’s any more.", "La liste n’est plus à ce téléphone."],
  result_undone: ["Taken back.", "Annulé."],
  result_other: ["Ask the organiser.", "Demandez à l’organisateur."],

  search_label: ["Name, code or order number", "Nom, code ou numéro de commande"],
  search_hint: [
    "Type a few letters. It works without a network.",
    "Tapez quelques lettres. Fonctionne sans réseau.",
  ],
  search_none: ["Nobody found.", "Personne."],
  search_more: ["There are more. Type another letter.", "Il y en a d’autres. Ajoutez une lettre."],
  search_found: ["{n} found", "{n} trouvés"],
  let_in: ["Let in", "Faire entrer"],
  let_out: ["Let out", "Faire sortir"],
  state_inside: ["in", "entré"],
  state_used: ["was in", "est entré"],
  state_unpaid: ["not paid", "non payé"],
  state_refunded: ["refunded", "remboursé"],
  state_cancelled: ["cancelled", "annulé"],
  state_expired: ["expired", "expiré"],
  state_blocked: ["blocked", "bloqué"],
  unnamed: ["No name", "Sans nom"],

  conflicts: ["Conflicts", "Conflits"],
  conflicts_text: [
    "Somebody was let through here that the server would not have let through. Look into it, then tick it off.",
    "Quelqu’un est passé ici que le serveur n’aurait pas laissé passer. Vérifiez, puis cochez.",
  ],
  conflict_here: ["Here", "Ici"],
  conflict_there: ["Before", "Avant"],
  conflict_why: ["The server says", "Le serveur dit"],
  conflict_done: ["Looked at", "Vérifié"],
  conflict_undo: ["An undo was not accepted.", "Une annulation a été refusée."],
  recent_none: ["Nothing was scanned on this phone yet.", "Rien n’a encore été scanné sur ce téléphone."],
  recent_title: ["Scans of this phone", "Scans de ce téléphone"],
  state_waiting: ["not sent yet", "pas encore envoyé"],
  state_conflict: ["conflict", "conflit"],
  state_seen: ["looked at", "vérifié"],
  undo_late: [
    "Only the last scan of a ticket can be undone, once.",
    "Seul le dernier scan d’un billet peut être annulé, une fois.",
  ],

  live_title: ["Live", "En direct"],
  live_minutes: ["The last hour, by minute", "La dernière heure, par minute"],
  live_gates: ["Gates", "Portes"],
  live_gate: ["Gate", "Porte"],
  live_entries: ["Entries", "Entrées"],
  live_exits: ["Exits", "Sorties"],
  live_refused: ["Refused", "Refusés"],
  live_last: ["Last scan", "Dernier scan"],
  live_minute: ["Minute", "Minute"],
  live_table: ["Show as a table", "Afficher en tableau"],
  live_away: ["Without a network: figures of {when}.", "Sans réseau : chiffres de {when}."],
  live_quiet: ["Nobody was scanned in the last hour.", "Aucun scan dans la dernière heure."],
  live_no_gate: ["Without a gate", "Sans porte"],
  live_chart: [
    "{entries} entries and {exits} exits in the last hour; at most {most} in one minute.",
    "{entries} entrées et {exits} sorties dans la dernière heure ; au plus {most} en une minute.",
  ],

  more_list: ["List", "Liste"],
  more_gate: ["Gate", "Porte"],
  more_change: ["Change list or gate", "Changer de liste ou de porte"],
  more_phone: ["This phone", "Ce téléphone"],
  more_tickets: ["Tickets on this phone", "Billets sur ce téléphone"],
  more_refresh: ["Fetch what is new", "Chercher les nouveautés"],
  more_sound: ["Sound", "Son"],
  more_on: ["On", "Activé"],
  more_off: ["Off", "Désactivé"],
  more_language: ["Language", "Langue"],
  more_waiting: ["Waiting to be sent", "En attente d’envoi"],
  more_reader: ["Reader", "Lecteur"],
  more_reader_native: ["the browser’s own", "celui du navigateur"],
  sign_out: ["Sign this phone out", "Déconnecter ce téléphone"],
  sign_out_sure: [
    "Everything is wiped from this phone. It needs a new code to scan again.",
    "Tout est effacé de ce téléphone. Il faudra un nouveau code.",
  ],
  sign_out_waiting: [
    "{n} scans were not sent yet and would be lost. Wait for the network, or save them first.",
    "{n} scans ne sont pas envoyés et seraient perdus. Attendez le réseau, ou enregistrez-les d’abord.",
  ],
  sign_out_yes: ["Wipe and sign out", "Effacer et déconnecter"],
  failed: ["That did not work: {why}", "Cela n’a pas marché : {why}"],
};

const KEPT = "kassa-checkin-language";
const LANGUAGES = ["en", "fr"];

let current = "en";

function preferred() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    kept = null; // storage may be forbidden
  }
  const wanted = [kept].concat(navigator.languages || []).filter(Boolean);
  const found = wanted.map((each) => each.slice(0, 2)).find((each) => LANGUAGES.indexOf(each) >= 0);
  return found || "en";
}

export function language() {
  return current;
}

export function startLanguage() {
  current = preferred();
  document.documentElement.lang = current;
}

export function switchLanguage() {
  current = current === "en" ? "fr" : "en";
  document.documentElement.lang = current;
  try {
    localStorage.setItem(KEPT, current);
  } catch {
    // It lasts until the page is closed.
  }
}

export function has(name) {
  return WORDS[name] !== undefined;
}

/* Return a text; {names} in it are filled in. */
export function t(name, values = {}) {
  const text = WORDS[name][LANGUAGES.indexOf(current)];
  return text.replace(/\{(\w+)\}/g, (whole, key) => (values[key] === undefined ? whole : String(values[key])));
}

/* The reader's own way to write times, where it is in the language that is shown. */
function locale() {
  const found = (navigator.languages || []).find((each) => each.slice(0, 2) === current);
  return found || (current === "en" ? "en-GB" : "fr-FR");
}

export function numberText(value) {
  return value.toLocaleString(locale());
}

export function clockText(moment, withSeconds) {
  const form = { hour: "2-digit", minute: "2-digit", second: withSeconds ? "2-digit" : undefined };
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  const day = isToday ? "" : `${date.toLocaleDateString(locale(), { day: "numeric", month: "short" })}, `;
  return day + date.toLocaleTimeString(locale(), form);
}

export function dateText(moment, zone) {
  const form = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Date(moment).toLocaleString(locale(), Object.assign(form, zone ? { timeZone: zone } : {}));
}

export function ageText(moment) {
  const minutes = Math.floor((Date.now() - moment) / 60000);
  if (minutes < 1) return t("age_now");
  return minutes < 60 ? t("age_minutes", { n: minutes }) : t("age_hours", { n: Math.floor(minutes / 60) });
}
