// Prints the files of a vitest report that a second run may clear, a line each.
import { filesToRepeat, readReport } from './test-report.ts';

for (const file of filesToRepeat(readReport(process.argv[2] ?? '') ?? [])) console.log(file);
