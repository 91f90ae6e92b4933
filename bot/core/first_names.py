"""Frequent first names of the languages we speak; and those that are ordinary words as well.

From general knowledge, a few hundred of each: a name more is a word here. What it finds and misses is measured in
tests/core/test_persons.py and told in docs/privacy-hints.md.
"""

DUTCH = """
Aad Aafke Aaltje Adriaan Agnes Agnieszka Ahmed Aisha Albert Alice Alie Anja Anke Anneke Annelies Annemarie Annemiek
Annet Annette Annie Anouk Anton Antoinette Arend Ari Arie Arjan Arjen Arno Astrid Aukje Barbara Bart Bas Beatrix Ben
Berend Bernadette Bert Betty Bianca Boudewijn Bouke Bram Brenda Brigitte Carla Carolien Caroline Cees Chantal
Charlotte Chris Christa Cindy Claudia Coby Cor Corinne Cornelia Cornelis Corrie Daan Daniëlle Debbie Derk Diana Dick
Diederik Dineke Dirk Doortje Douwe Edith Edwin Eefje Eelco Elisabeth Ellen Elly Elsbeth Emiel Emine Erik Erna Ernst
Esmee Esther Eveline Evert Fatiha Fatima Fatma Femke Ferdinand Fieke Floris Fokke Frans Fred Frederik Frederique
Freek Frits Froukje Gea Geert Geertje Geertruida Gerard Gerben Gerda Gerrit Gerritje Gert Gijs Gijsbert Gonnie
Greetje Grietje Gusta Guus Hanna Hanneke Hannie Hassan Heleen Helma Hendrik Hendrika Henk Hennie Henny Henri Herman
Hessel Hettie Hilda Hilde Hubert Huib Ibrahim Ilse Ineke Inge Ingrid Irene Irma Jaap Jacob Jacoba Jacobus Jacqueline
Jacques Jannie Janneke Jannetje Jantje Jasper Jeanette Jelle Jeroen Jeroom Jesper Joan Jochem Johan Johanna Johannes
Jolanda Joop Joost Joris Josephine Judith Jurgen Jurriaan Kadir Karel Karen Karin Kees Khadija Klaas Klaasje Koen
Koenraad Lambert Laura Laurens Leendert Lennart Leonie Liesbeth Lieke Lineke Lisette Lizzy Loes Lotte Louis Louise
Lucas Luuk Maaike Maarten Machteld Madelon Manon Marcel Margaretha Margreet Margriet Marga Maria Marian Marianne
Maribel Marieke Marien Marijke Marijn Marina Marjan Marjolein Marjo Marleen Marlies Marloes Martijn Marth Martin
Martine Mathijs Matthijs Maud Maurits Mechteld Meindert Melanie Melissa Menno Miep Mieke Mirjam Mirjan Mohamed
Mohammed Monique Mustafa Nadia Nellie Nelleke Nico Nicole Nienke Nynke Omar Paul Paula Pauline Peter Petra Piet
Pieter Pieternella Puck Rachid Reinier Remco René Renske Riekie Rianne Ria Richard Rianka Rik Rineke Rita Robbert
Roderick Roel Roelof Rogier Ronald Roos Ruben Rudolf Ruud Saïda Samira Sander Sandra Sanne Saskia Sefanja Siemen
Simone Sipke Sjaak Sjoerd Sjoukje Sofie Stefan Stefanie Steven Stijn Suzanne Sven Sylvia Tamara Tanja Teun Teunis
Thea Theo Theodora Thijs Thomas Tijmen Tineke Tjeerd Toos Trijntje Trudy Truus Ursula Veerle Vera Veronique Vincent
Wendy Wiebe Wieke Wietske Wilhelmina Willeke Willem Willemien Willy Wilma Wim Wouter Yasmina Yvette Yvonne Youssef
Zeynep
"""

SWEDISH = """
Adam Agneta Agnes Albin Alexander Alf Alfred Alice Ali Alva Alvar Amanda Anders Andreas Anette Anita Anja Ann Anna
Annika Anneli Annelie Anton Arne Arvid Asta Astrid August Axel Barbro Beata Bengt Berit Bernt Bertil Birger Birgit
Birgitta Birgith Bodil Britt Britta Börje Carin Carina Carl Carolin Cecilia Charlotta Christer Christian Christina
Conny Curt Dagmar Dagny Daniel David Ebba Edit Edvard Edvin Einar Eivor Elias Elin Elisabet Elisabeth Ella Ellen
Elsa Elsie Elvira Emil Emilia Emma Erica Erik Erika Erland Ernst Ester Eva Evelina Fanny Fatima Fredrik Frida
Fritiof Gabriel Gabriella Georg Gerd Gerda Gertrud Gitte Greta Gudrun Gun Gunborg Gunhild Gunilla Gunnar Gunnel
Gunvor Gustaf Gustav Göran Gösta Göte Göte Hanna Hannes Harald Harriet Hasse Hedvig Helen Helena Helene Helge Helmer
Henrik Henning Herbert Hilda Hilding Hilma Hjalmar Holger Hugo Håkan Ida Inga Ingegerd Ingela Inger Ingemar Ingmar
Ingrid Ingvar Ingvor Irene Irma Isabella Isak Ivar Jakob Jennie Jenny Jens Jerker Jessica Jesper Joakim Johan
Johanna Johannes John Johnny Jonas Jonathan Jonny Josef Josefin Julia Jörgen Karin Karl Karolina Katarina Katrin
Kennet Kenneth Kerstin Kicki Kjell Klara Klas Knut Kristian Kristina Kristofer Kurt Laila Lars Lasse Leif Lena
Lennart Leo Lilian Lina Linnea Linnéa Lisa Lisbeth Lizbeth Louise Lotta Lovisa Lucas Ludvig Lukas Madeleine
Magdalena Magnus Maj Maja Majbritt Malin Malte Marcus Margareta Margaretha Margit Maria Mariann Marianne Marie
Marita Markus Marlene Mats Mathias Mattias Maud Mikael Mia Michael Mikaela Mohammed Moa Mona Monica Monika Måns
Mårten Märta Natalie Nicklas Niklas Nils Nina Olle Olof Oskar Oscar Osvald Otto Patrik Paulina Per-Erik Pelle
Pernilla Petra Petter Pär Ragnar Ragnhild Rasmus Rebecka Regina Rickard Rikard Robert Robin Roger Roland Rolf Ronny
Rosita Rune Samuel Sandra Sara Sebastian Selma Signe Sigrid Sigvard Simon Sixten Sofia Solveig Sonja Staffan Stefan
Stellan Sture Susanna Susanne Svante Sven Svea Sverker Sylvia Sören Tea Teodor Teresia Therese Thomas Thorbjörn
Tilda Tobias Tomas Torbjörn Torsten Tove Tuva Tyra Ulf Ulla Ulrik Ulrika Urban Ursula Valborg Valter Vendela Vera
Verner Veronica Viktor Viktoria Vilhelm Vilma Viola Viveka Vivianne Wilma Yngve Yvonne Åke Åsa Östen
"""

ENGLISH = """
Aaron Abigail Adam Adrian Agnes Ahmed Aidan Aisha Alan Albert Alexander Alexandra Alfie Alfred Alice Alison Amanda
Amelia Amy Andrea Andrew Angela Anita Ann Anna Anne Annette Annie Anthony Antony Archie Arnold Arthur Audrey Barbara
Barry Beatrice Ben Benjamin Bernadette Bernard Bernie Bert Beryl Beth Bethany Betty Beverley Bob Bobby Brenda
Brendan Brian Bridget Bruce Callum Cameron Carl Caroline Catherine Cathy Cedric Charles Charlie Charlotte Cheryl
Chloe Chris Christine Christopher Ciaran Cindy Claire Clara Clare Clive Colin Connor Craig Cyril Daniel Danny Daphne
Darren Dave David Deborah Debbie Deirdre Denise Dennis Derek Diana Diane Donald Donna Doreen Doris Dorothy Doug
Douglas Duncan Dylan Edith Edna Edward Edwin Eileen Elaine Eleanor Elizabeth Ella Ellen Ellie Elliot Elsie Emily
Emma Eric Erica Ernest Esme Esther Ethan Ethel Eunice Evan Evelyn Fatima Fiona Freda Frances Francis Fred Freddie
Frederick Gareth Gary Gavin Gemma Geoff Geoffrey George Gerald Gerard Geraldine Gillian Gina Gladys Glenda Gloria
Glyn Godfrey Gordon Graham Gregory Gwen Hannah Harold Harriet Harry Harvey Hassan Hayley Helen Henry Herbert Hilda
Howard Hugh Ian Imran Irene Isabel Isabella Isla Jackie Jacob Jacqueline James Jamie Jane Janet Janice Jason Jayne
Jeff Jeffrey Jennifer Jenny Jeremy Jessica Jessie Jill Jim Jimmy Joan Joanna Joanne Joe John Johnny Jonathan Jordan
Joseph Josephine Joshua Joyce Judith Judy Julia Julian Julie Justin Karen Karl Kate Katherine Kathleen Kathryn Kathy
Katie Kay Keith Kelly Kenneth Kevin Kieran Kim Kirsty Kumar Kyle Larry Laura Lauren Laurence Lawrence Leah Leanne
Lee Leonard Leslie Lesley Lewis Liam Linda Lindsay Lisa Liz Logan Lorna Lorraine Louis Louise Lucy Luke Lynda Lynn
Lynne Mabel Maggie Malcolm Marcus Margaret Margery Maria Marian Marie Marilyn Marion Marjorie Martha Martin Mary
Matthew Maud Maureen Maurice Mavis Megan Melanie Melissa Michael Michelle Mick Mike Mildred Millie Miriam Mohammed
Moira Mollie Molly Monica Muriel Nadia Nancy Naomi Natalie Natasha Neil Nicholas Nicola Nicole Nigel Noah Noel Nora
Norma Norman Oliver Olivia Oscar Owen Pamela Patricia Patrick Paul Paula Pauline Peggy Percy Peter Phil Philip
Phillip Phyllis Priya Rachel Ralph Raymond Rebecca Reginald Rhys Richard Rita Robert Roger Roland Ronald Ronnie
Rosemary Rosie Ross Rosalind Roy Russell Ruth Ryan Sally Sam Samantha Samuel Sandra Sara Sarah Sean Sharon Sheila
Shirley Sidney Simon Sofia Sonia Sophia Sophie Stan Stanley Stella Stephanie Stephen Steve Steven Stuart Susan Susie
Suzanne Sylvia Teresa Terence Thelma Theresa Thomas Tim Timothy Tina Toby Tom Tommy Tony Tracey Tracy Trevor Valerie
Vanessa Vera Vernon Veronica Vicky Victor Vincent Vivien Walter Wayne Wendy Wilfred William Winifred Yasmin Yusuf
Yvonne Zoe
"""

ELSEWHERE = """
Abdi Abdul Abdullah Agata Aleksandra Amal Amina Amir Anastasia Asha Ayse Aylin Ayşe Bilal Dariusz Deepak Elena Emre
Esra Ewa Farah Faisal Fadumo Hamid Hamza Hatice Hawa Hussein Irina Ismail Jadwiga Jamal Kamal Karim Katarzyna Khalid
Krzysztof Latifa Layla Leila Leyla Mahmoud Malika Maryam Mehmet Meryem Mevlut Milena Murat Nasrin Natalia Nasser
Noura Olga Osman Piotr Rahma Rashid Reza Salma Samir Sanjay Selin Sergei Shabana Stanislaw Sunita Svetlana Tariq
Vladimir Yasin Zahra Zainab Zara Zofia
"""

# Ordinary words too, in one of the languages: at the beginning of a sentence they say nothing.
WORDS = """
Alf Amber Angel Ans Bas Bea Ben Bep Bert Bill Björn Bo Bob Carol Cor Daan Daisy Dawn Dean Dick Door Els Eve Faith
Fleur Floor Frank Frans Fred Gene Gerd Grace Grant Greet Gun Guus Guy Hans Harm Hazel Heather Holly Hope Inga Iris
Ivy Jack Jade Jan Jasmine Jean Jet Job Joke Jos Joy Kaj Ken Kent Klas Koos Lee Lies Lily Liv Mark Mats Max Merel
Mies Miles Nel Nick Noor Nova Ola Olive Pam Pat Pearl Penny Per Pia Pim Poppy Puck Ray Riet Rob Robin Roos Rosa Rose
Rosie Ruby Rut Saga Sally Sanna Sandy Siv Sten Sterre Stig Sue Sture Tage Tea Ties Tim Tine Tiny Tom Ton Toon Tor
Tore Trees Ture Ulf Urban Viola Violet Wil Will
"""

# Written with a capital amid a sentence, too, when no person is meant: only with a title or a family name.
SELDOM = """
August Christian Edit Erasmus Florence Frans Georgia Jan Jordan June Kent Regina Sydney Sidney Urban Victoria
Viktoria Virginia
"""

NAMES = frozenset(" ".join((DUTCH, SWEDISH, ENGLISH, ELSEWHERE, WORDS, SELDOM)).split())
ORDINARY = frozenset(WORDS.split())
RARELY = frozenset(SELDOM.split())
