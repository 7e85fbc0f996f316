// Files and directories: reading a granted read-only directory, writing, seeking, renaming and listing a writable one.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
    DIR *dir = opendir(path);
    if (!dir) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    char *names[64];
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && count < 64;)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            char buffer[300];
            snprintf(buffer, sizeof buffer, "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
            names[count++] = strdup(buffer);
        }
    closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    printf("%s:", path);
    for (int i = 0; i < count; i++) {
        printf(" %s", names[i]);
        free(names[i]);
    }
    putchar('\n');
}

static void print(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    char line[128];
    printf("%s {\n", path);
    while (fgets(line, sizeof line, file))
        printf("  %s", line);
    puts("}");
    fclose(file);
}

static void outcome(const char *what, int result) {
    printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

int main(void) {
    list("/data");
    print("/data/list.txt");
    print("/data/nested/deep.txt");
    print("/data/nested/../fox.txt");
    print("/data/missing.txt");
    print("/data/../../etc/passwd");
    print("/elsewhere");

    FILE *file = fopen("/work/numbers.txt", "w+");
    if (!file) {
        printf("/work/numbers.txt: %s\n", strerror(errno));
        return 1;
    }
    for (int i = 0; i < 1000; i++)
        fprintf(file, "%d\n", i * i);
    printf("position %ld\n", ftell(file));
    fseek(file, 100, SEEK_SET);
    char text[16];
    if (fgets(text, sizeof text, file) && fgets(text, sizeof text, file))
        printf("after seeking: %s", text);
    fseek(file, -7, SEEK_END);
    printf("last: %s", fgets(text, sizeof text, file) ? text : "nothing\n");
    fclose(file);

    struct stat info;
    outcome("stat", stat("/work/numbers.txt", &info));
    printf("size %lld, regular %d\n", (long long)info.st_size, S_ISREG(info.st_mode) != 0);
    outcome("truncate", truncate("/work/numbers.txt", 20));
    file = fopen("/work/numbers.txt", "a");
    fputs("appended\n", file);
    fclose(file);
    print("/work/numbers.txt");

    outcome("mkdir", mkdir("/work/sub", 0777));
    outcome("mkdir again", mkdir("/work/sub", 0777));
    outcome("rename", rename("/work/numbers.txt", "/work/sub/renamed.txt"));
    list("/work");
    list("/work/sub");
    outcome("rmdir of a full directory", rmdir("/work/sub"));
    outcome("unlink of a missing file", unlink("/work/numbers.txt"));
    outcome("open exclusively", open("/work/sub/renamed.txt", O_CREAT | O_EXCL | O_WRONLY, 0666));
    outcome("open a file as a directory", open("/work/sub/renamed.txt", O_RDONLY | O_DIRECTORY));

    int fd = open("/work/sub/renamed.txt", O_RDWR);
    char block[8] = {0};
    outcome("pread", (int)pread(fd, block, 7, 2));
    printf("read [%s]\n", block);
    outcome("pwrite", (int)pwrite(fd, "XY", 2, 0));
    outcome("seek", (int)lseek(fd, 0, SEEK_END));
    outcome("write at the end", (int)write(fd, "end\n", 4));
    outcome("fsync", fsync(fd));
    outcome("close", close(fd));
    outcome("close again", close(fd));
    print("/work/sub/renamed.txt");

    outcome("symlink", symlink("sub/renamed.txt", "/work/link"));
    outcome("readlink", (int)readlink("/work/link", text, sizeof text - 1));
    print("/work/link");
    outcome("hard link", link("/work/sub/renamed.txt", "/work/hard"));
    list("/work");
    outcome("unlink", unlink("/work/link"));
    outcome("unlink", unlink("/work/hard"));
    outcome("unlink", unlink("/work/sub/renamed.txt"));
    outcome("rmdir", rmdir("/work/sub"));
    list("/work");
    return 0;
}
