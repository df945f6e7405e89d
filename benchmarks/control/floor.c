/* The same controller in C: epoll, decode, state, a speed policy, encode, send; timerfd ticks.
 * floor TICK_HZ REALTIME FD...    prints "ready", then one JSON object when every socket is closed. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct car { int64_t heard_ns; float offset_mm; uint16_t speed_mm_s, named_mm_s; uint8_t location, piece, flags; };
static struct car cars[4096];

static int64_t clock_ns(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int64_t period_ns = 1000000000 / atoi(argv[1]);
    int open_sockets = argc - 3, poll_fd = epoll_create1(0);
    if (atoi(argv[2])) {
        struct sched_param p = {.sched_priority = 50};
        sched_setscheduler(0, SCHED_FIFO, &p);
    }
    for (int i = 3; i < argc; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.fd = atoi(argv[i])};
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, atoi(argv[i]), &e);
    }
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC), first_ns = start_ns + period_ns;
    struct itimerspec spec = {{period_ns / 1000000000, period_ns % 1000000000},
                              {first_ns / 1000000000, first_ns % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
    struct epoll_event on_timer = {.events = EPOLLIN, .data.fd = timer};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &on_timer);
    size_t room = 1 << 20, ticks = 0;
    double *late_us = malloc(room * sizeof *late_us);
    long messages = 0, missed = 0, number = 0;
    puts("ready");
    fflush(stdout);
    int64_t began_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID), began_wall_ns = clock_ns(CLOCK_MONOTONIC);
    while (open_sockets > 0) {
        struct epoll_event events[256];
        int n = epoll_wait(poll_fd, events, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == timer) {
                uint64_t passed;
                if (read(timer, &passed, 8) != 8) continue;
                number += (long)passed;
                missed += (long)passed - 1;
                if (ticks < room) late_us[ticks++] = (clock_ns(CLOCK_MONOTONIC) - start_ns - number * period_ns) / 1e3;
                continue;
            }
            uint8_t f[512];
            ssize_t size = recv(fd, f, sizeof f, 0);
            if (size <= 0) {
                epoll_ctl(poll_fd, EPOLL_CTL_DEL, fd, NULL);
                open_sockets--;
                continue;
            }
            messages++;
            if (size != 17 || f[0] != 16 || f[1] != 0x27) continue;
            struct car *car = &cars[fd];
            car->heard_ns = clock_ns(CLOCK_MONOTONIC);
            car->location = f[2];
            car->piece = f[3];
            memcpy(&car->offset_mm, f + 4, 4);
            memcpy(&car->speed_mm_s, f + 8, 2);
            car->flags = f[10];
            memcpy(&car->named_mm_s, f + 15, 2);
            int off = (int)car->speed_mm_s - 400;
            if (off >= -150 && off <= 150) continue;
            uint8_t order[7] = {6, 0x24, 0x90, 0x01, 0xe8, 0x03, 0};
            send(fd, order, sizeof order, MSG_DONTWAIT);
        }
    }
    qsort(late_us, ticks, sizeof *late_us, by_size);
    printf("{\"messages\": %ld, \"ticks\": %zu, \"missed\": %ld, \"cpu_s\": %.9f, \"wall_s\": %.9f, \"lateness_us\": [",
           messages, ticks, missed, (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - began_ns) / 1e9,
           (clock_ns(CLOCK_MONOTONIC) - began_wall_ns) / 1e9);
    for (size_t i = 0; i < ticks; i++) printf("%s%.3f", i ? ", " : "", late_us[i]);
    puts("]}");
    return 0;
}
