"""Names of the made-up teams and players.

Teams and players are invented. Some names carry accents, apostrophes, hyphens and suffixes,
because real ones do and every file format and plot on the way has to survive them.
"""

from __future__ import annotations

import numpy as np

DIVISIONS = ("Harbor", "Lakes", "Piedmont", "Canyon", "Coast", "Prairie")

TEAMS = (
    ("ALD", "Alderport Mariners"),
    ("ASH", "Ashbourne Foxes"),
    ("BRI", "Bridgewater Anvils"),
    ("CAL", "Calloway Comets"),
    ("DUN", "Dunmore Stags"),
    ("EAS", "Eastmere Lanterns"),
    ("FAI", "Fairhaven Gulls"),
    ("GRA", "Granby Quarrymen"),
    ("HAL", "Halford Millers"),
    ("IRO", "Ironvale Smiths"),
    ("KIN", "Kingsreach Heralds"),
    ("LOC", "Lockhaven Otters"),
    ("MAR", "Marlow Falcons"),
    ("NOR", "Northgate Sentinels"),
    ("ORM", "Ormond Sparks"),
    ("PAL", "Palo Rojo Coyotes"),
    ("QUI", "Quillan Rapids"),
    ("RED", "Redcliff Condors"),
    ("SAG", "Sagebrook Mustangs"),
    ("SAB", "San Aurelio Bells"),
    ("SIE", "Sierra Alta Pumas"),
    ("SUN", "Sundown City Drifters"),
    ("TAM", "Tamarack Timberjacks"),
    ("THU", "Thunder Bluff Bison"),
    ("VER", "Verano Beach Waves"),
    ("WES", "Westfall Monarchs"),
    ("WIN", "Windham Kites"),
    ("YAR", "Yarrow Valley Hornbills"),
    ("ZEP", "Zephyr Hills Gliders"),
    ("ARR", "Arroyo Seco Scorpions"),
)
"""Abbreviation and name of up to thirty teams; the first half is the East."""

FIRST_NAMES = (
    *("Aaron", "Abdou", "Adrián", "Alonzo", "Amadou", "Andre", "Ante", "Anton", "Armel", "Barrett"),
    *("Bojan", "Brice", "Caleb", "Cedric", "Chidi", "Colton", "Corey", "Cristóbal", "Dāvis"),
    *("D'Andre", "Dario", "Darnell", "De'Shawn", "Deion", "Demetrius", "Devin", "Dmitri", "Dorian"),
    *("Dušan", "Elijah", "Emeka", "Enzo", "Ezra", "Felipe", "Gabriel", "Goran", "Hakeem", "Hugo"),
    *("Ibrahima", "Isaiah", "Ja'Quan", "Jalen", "Jamir", "Jérôme", "Jonas", "Jovan", "Julius"),
    *("Kai", "Karim", "Keon", "Khalil", "Kofi", "Kristaps-Jan", "Lamar", "Leandro", "Lucas"),
    *("Luka", "Malik", "Marcus", "Mateo", "Micah", "Miloš", "Moussa", "Nate", "Nemanja", "Nikos"),
    *("Noah", "Obi", "Omari", "Oscar", "Pascal", "Quentin", "Rafael", "Rashad", "Rémi", "Roman"),
    *("Santiago", "Sekou", "Shai-Lee", "Silas", "Štefan", "Tarik", "Terrell", "Théo", "Tobias"),
    *("Tre'Von", "Tyrese", "Uroš", "Victor", "Wendell", "Xavier", "Yannick", "Yusuf", "Zeke"),
)

LAST_NAMES = (
    *("Abara", "Achterberg", "Adeyinka", "Alcott", "Amblard", "Arceneaux", "Ashdown", "Babić"),
    *("Bakewell", "Barrows", "Beaumont", "Bellweather", "Bjørnstad", "Blakemore", "Boateng-Reyes"),
    *("Bonheur", "Brackett", "Bright", "Brodeur", "Calderwood", "Carrow", "Castellan", "Chukwuma"),
    *("Clairmont", "Coldwell", "Corrigan", "Čurić", "D'Aubigny", "Dacosta", "Dawsey", "Delacroix"),
    *("Diarra", "Dobrev", "Drummle", "Dunleavy-Ott", "Edgeworth", "Ekwueme", "Ellery", "Estévez"),
    *("Fairweather", "Fenwick", "Ferrante", "Fofana", "Fontaine", "Gallowglass", "Garrido"),
    *("Gatewood", "Gillespie Jr.", "Grbić", "Greenlaw", "Guðjónsson", "Hadley", "Halloran"),
    *("Hartigan", "Hollis", "Holloway III", "Ibarra", "Igwe", "Ingersoll", "Jaramillo", "Jessup"),
    *("Jokubaitis", "Kaplanoğlu", "Karras", "Keating", "Kemble", "Kolář", "Kouyaté", "Krajnc"),
    *("Lachapelle", "Lamontagne", "Larkspur", "Lindqvist", "Lockridge", "Łukasik", "M'Baye"),
    *("Maddox", "Mancuso", "Marchetti", "Mayweather", "McElroy", "Meriwether", "Mladenović"),
    *("Montrose", "Mwangi", "N'Diaye", "Nakamba", "Núñez", "O'Carroll", "O'Shea", "Okonjo"),
    *("Ortega",),
    *("Overstreet", "Öztürk", "Pemberton", "Penhallow", "Petrović-Lind", "Pinnock", "Quarles"),
    *("Radcliffe", "Ravenel", "Renfroe", "Rivas", "Rosewood", "Sabatier", "Sandoval"),
    *("Šarić-Lowe",),
    *("Sedgwick", "Sinclair", "Sørensen", "St. Clair", "Stallworth", "Sumner", "Tadić", "Tavares"),
    *("Thackeray", "Thibodeaux", "Touré-Hill", "Tremaine", "Underhill", "Uzoma", "Valcourt"),
    *("Vandergriff", "Vance Jr.", "Vuković", "Wainwright", "Wakefield", "Warburton", "Whitlock"),
    *("Winterbourne", "Yarborough", "Yildirim", "Zabala", "Zeller-Roy", "Zorić"),
)


def player_names(rng: np.random.Generator) -> list[str]:
    """Return every combination of first and last name once, shuffled."""
    order = rng.permutation(len(FIRST_NAMES) * len(LAST_NAMES))
    return [
        f"{FIRST_NAMES[i // len(LAST_NAMES)]} {LAST_NAMES[i % len(LAST_NAMES)]}"
        for i in order.tolist()
    ]
