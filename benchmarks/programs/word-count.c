#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_SIZE = 1 << 16 };

struct Entry {
  char *word;
  long count;
};

static struct Entry table[TABLE_SIZE];

static struct Entry *find(const char *word) {
  uint64_t hash = 14695981039346656037u;
  for (const char *c = word; *c; ++c)
    hash = (hash ^ (unsigned char)*c) * 1099511628211u;
  uint64_t place = (hash ^ hash >> 32) % TABLE_SIZE;
  while (table[place].word && strcmp(table[place].word, word) != 0)
    place = (place + 1) % TABLE_SIZE;
  return &table[place];
}

static int compare(const void *a, const void *b) {
  return strcmp(((const struct Entry *)a)->word, ((const struct Entry *)b)->word);
}

int main(void) {
  char line[256];
  size_t size = 0;
  while (fgets(line, sizeof(line), stdin) && line[0] != '\n') {
    line[strcspn(line, "\n")] = '\0';
    struct Entry *entry = find(line);
    if (!entry->word) {
      if (++size == TABLE_SIZE)
        return 1;
      entry->word = strdup(line);
    }
    ++entry->count;
  }
  size_t next = 0;
  for (size_t i = 0; i < TABLE_SIZE; ++i)
    if (table[i].word)
      table[next++] = table[i];
  qsort(table, size, sizeof(table[0]), compare);
  printf("%zu\n", size);
  for (size_t i = 0; i < size; ++i)
    printf("%ld %s\n", table[i].count, table[i].word);
  return 0;
}
